/** Taking a budget away: asked once more before it is done. */

import { useEffect, useRef, useState } from "preact/hooks";
import { useTenant } from "../../address";
import { addressOf, call } from "../../api/client";
import { CopyAsCurl } from "../../parts/actions";
import { Toolbar } from "../../parts/controls";
import { Failed } from "../../parts/states";
import { type Budget, clearing, nameOf, ROUTE } from "./request";

interface ClearingProps {
  readonly of: Budget;
  readonly onEnd: () => void;
  readonly onDone: (wasThere: boolean) => void;
}

export function Clearing({ of, onEnd, onDone }: ClearingProps) {
  const [failure, setFailure] = useState<unknown>(null);
  const leaving = useRef<HTMLButtonElement>(null);
  const query = useTenant();
  const body = clearing(of);
  useEffect(() => leaving.current?.focus(), []);
  const clear = async (event: SubmitEvent) => {
    event.preventDefault();
    setFailure(null);
    try {
      onDone((await call("put", ROUTE, { body, query })).cleared);
    } catch (error) {
      setFailure(error);
    }
  };
  return (
    <section class="card attempt">
      <h2>Take away the budget {nameOf(of)}</h2>
      <p>It refuses nothing any more. What was spent stays in the books.</p>
      <form class="stack" onSubmit={clear}>
        <Toolbar>
          <button type="submit" class="primary">
            Take it away
          </button>
          <button type="button" ref={leaving} onClick={onEnd}>
            Leave it
          </button>
          <CopyAsCurl request={{ verb: "put", address: addressOf(ROUTE, {}, query), body }} />
        </Toolbar>
      </form>
      {failure !== null && <Failed error={failure} />}
    </section>
  );
}
