/** Who would take a call for this name now, and who would not, each with its reason. Prompts are not kept: a greeting stands in. */

import { useState } from "preact/hooks";
import { href } from "../../address";
import { addressOf, send } from "../../api/client";
import type { components } from "../../api/generated/chat";
import { CopyAsCurl } from "../../parts/actions";
import { Usd } from "../../parts/amount";
import { Failed } from "../../parts/states";

type Route = components["schemas"]["RouteOut"];

export function Receipt({ asked }: { asked: string }) {
  const [route, setRoute] = useState<Route | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const request = {
    verb: "post",
    address: addressOf("/v1/route"),
    body: { model: asked, messages: [{ role: "user", content: "Hello" }] },
  };
  const ask = async () => {
    setFailure(null);
    try {
      setRoute(await (await send(request)).json());
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
        <CopyAsCurl request={request} />
      </div>
      {failure !== null && <Failed error={failure} />}
      {route && <Plan route={route} />}
    </section>
  );
}

function Plan({ route }: { route: Route }) {
  return (
    <>
      <ol>
        {route.candidates.map((each) => (
          <li key={each.model}>
            <a href={href("prices", { model: each.model })}>{each.model}</a>, expected{" "}
            <Usd value={each.expected_cost_usd} />, at most <Usd value={each.most_cost_usd} />
          </li>
        ))}
      </ol>
      {route.excluded.length > 0 && (
        <details>
          <summary>{route.excluded.length.toLocaleString("en")} are out</summary>
          <ul>
            {route.excluded.slice(0, 200).map((each) => (
              <li key={each.model}>
                {each.model}: {each.reason}
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}
