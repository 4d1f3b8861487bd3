/** One prompt and its answer: sent, streamed, stopped; then the ledger's word on what it cost. */

import { useCallback, useRef, useState } from "preact/hooks";
import { type ChatBody, NOTHING_TOLD, streamChat, type Told } from "../../api/chat-stream";
import { call, type Data } from "../../api/client";
import { ROUTE } from "../../parts/plan";

const CALL = "/api/byok/usage/calls/{call_id}";
export type Detail = Data<typeof CALL>;

export interface Exchange {
  readonly body: ChatBody;
  readonly state: "streaming" | "stopped" | "ended" | "failed";
  readonly text: string;
  readonly told: Told;
  readonly route: Data<typeof ROUTE, "post"> | null;
  readonly error: unknown;
  /** Milliseconds from the request to the first text, and to the end, as measured here. */
  readonly firstMs: number | null;
  readonly wholeMs: number | null;
  /** What the ledger has; null until then, and for keys that may not read it. */
  readonly detail: Detail | null;
}

export interface Exchanging {
  readonly exchange: Exchange | null;
  readonly begin: (body: ChatBody) => Promise<void>;
  readonly stop: () => void;
}

/** Exchanges one at a time; `onEnd` hears of each that the ledger knows of. */
export function useExchange(mayReadUsage: boolean, onEnd: (ended: Exchange) => void): Exchanging {
  const [exchange, setExchange] = useState<Exchange | null>(null);
  const control = useRef<AbortController | null>(null);
  const stop = useCallback(() => control.current?.abort(), []);
  const begin = async (body: ChatBody) => {
    stop();
    const mine = new AbortController();
    control.current = mine;
    const began = performance.now();
    const since = () => Math.round(performance.now() - began);
    let now: Exchange = {
      body,
      state: "streaming",
      text: "",
      told: NOTHING_TOLD,
      route: null,
      error: null,
      firstMs: null,
      wholeMs: null,
      detail: null,
    };
    const change = (changed: Partial<Exchange>) => {
      now = { ...now, ...changed };
      if (control.current === mine) setExchange(now);
    };
    change({});
    const planned = call("post", ROUTE, { body }).then(
      (route) => change({ route }),
      () => undefined, // the call itself says what is wrong with it
    );
    try {
      const on = {
        text: (piece: string) => change({ text: now.text + piece, firstMs: now.firstMs ?? since() }),
        told: (told: Told) => change({ told }),
      };
      await streamChat(body, on, mine.signal);
      change({ state: "ended", wholeMs: since() });
    } catch (error) {
      change({ state: mine.signal.aborted ? "stopped" : "failed", error, wholeMs: since() });
    }
    await planned;
    const callId = now.told.headers["x-llm-call-id"];
    if (callId && mayReadUsage) {
      try {
        change({ detail: await call("get", CALL, { path: { call_id: callId } }) });
      } catch (error) {
        change({ error: now.error ?? error });
      }
    }
    if (callId) onEnd(now);
  };
  return { exchange, begin, stop };
}
