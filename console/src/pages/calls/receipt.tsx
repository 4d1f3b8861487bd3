/** Who would take a call for this name now, and who would not, each with its reason. Prompts are not kept: a greeting stands in. */

import { useState } from "preact/hooks";
import { addressOf, call, type Data } from "../../api/client";
import { CopyAsCurl } from "../../parts/actions";
import { Plan, ROUTE } from "../../parts/plan";
import { Failed } from "../../parts/states";

export function Receipt({ asked }: { asked: string }) {
  const [route, setRoute] = useState<Data<typeof ROUTE, "post"> | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const body = { model: asked, messages: [{ role: "user" as const, content: "Hello" }] };
  const ask = async () => {
    setFailure(null);
    try {
      setRoute(await call("post", ROUTE, { body }));
    } catch (error) {
      setFailure(error);
    }
  };
  return (
    <section class="card attempt">
      <h2>
        Who takes <code>{asked}</code> now
      </h2>
      <p class="quiet">Prompts are kept nowhere, so this is the plan for a greeting; it spends nothing.</p>
      <div class="toolbar">
        <button type="button" onClick={ask}>
          Show the plan
        </button>
        <CopyAsCurl request={{ verb: "post", address: addressOf(ROUTE), body }} />
      </div>
      {failure !== null && <Failed error={failure} />}
      {route && <Plan route={route} />}
    </section>
  );
}
