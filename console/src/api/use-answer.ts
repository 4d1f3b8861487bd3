/** Answers of the API as components need them: loading, failed with a reason, or there. */

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { ApiError } from "./client";

export type Answer<D> =
  | { readonly state: "loading"; readonly before: D | null }
  | { readonly state: "failed"; readonly error: ApiError }
  | { readonly state: "there"; readonly data: D };

export interface Asking<D> {
  readonly answer: Answer<D>;
  /** Ask again; what was there stays on the page until the answer comes. */
  readonly again: () => void;
}

/** Ask for something when the component is first drawn and whenever `key` changes; a late answer to an old one is dropped. */
export function useAnswer<D>(key: string, ask: (signal: AbortSignal) => Promise<D>): Asking<D> {
  const [answer, setAnswer] = useState<Answer<D>>({ state: "loading", before: null });
  const [turn, setTurn] = useState(0);
  const asking = useRef(ask);
  asking.current = ask;
  useEffect(() => {
    const control = new AbortController();
    setAnswer((was) => ({ state: "loading", before: was.state === "there" ? was.data : null }));
    asking.current(control.signal).then(
      (data) => {
        if (!control.signal.aborted) setAnswer({ state: "there", data });
      },
      (error: ApiError) => {
        if (!control.signal.aborted) setAnswer({ state: "failed", error });
      },
    );
    return () => control.abort();
  }, [key, turn]);
  const again = useCallback(() => setTurn((was) => was + 1), []);
  return { answer, again };
}
