/** Where the key stands: whose it is, its limits, and what the budgets that its calls count in have left. */

import { addressOf, type Data } from "../../api/client";
import type { Asking } from "../../api/use-answer";
import { CopyAsCurl } from "../../parts/actions";
import { Instant, InUnit } from "../../parts/amount";
import { Loaded } from "../../parts/states";

const ROUTE = "/v1/me";
type Me = Data<typeof ROUTE>;

export function Standing({ me }: { me: Asking<Me> }) {
  return (
    <section class="card">
      <h2>Where your key stands</h2>
      <Loaded asking={me} what="where your key stands">
        {(data) => (
          <>
            <dl>
              <dt>Key</dt>
              <dd>
                <code>{data.service_key}</code>
                {data.label && `, ${data.label}`}
              </dd>
              {data.person && (
                <>
                  <dt>Person</dt>
                  <dd>
                    {data.person}
                    {data.team && `, team ${data.team}`}
                  </dd>
                </>
              )}
              {data.expires_at && (
                <>
                  <dt>Expires</dt>
                  <dd>
                    <Instant value={data.expires_at} />
                  </dd>
                </>
              )}
              <dt>A minute</dt>
              <dd>
                {data.limits.requests_per_minute === null ? "any number of" : data.limits.requests_per_minute} requests,{" "}
                {data.limits.tokens_per_minute === null ? "any number of" : data.limits.tokens_per_minute} tokens
              </dd>
            </dl>
            <Budgets budgets={data.budgets} />
          </>
        )}
      </Loaded>
      <CopyAsCurl request={{ verb: "get", address: addressOf(ROUTE) }} />
    </section>
  );
}

function Budgets({ budgets }: { budgets: Me["budgets"] }) {
  if (budgets.length === 0) return <p class="quiet">No budget bounds its calls.</p>;
  return (
    <ul>
      {budgets.map((each) => (
        <li key={`${each.scope} ${each.window} ${each.unit}`}>
          {each.scope}, {each.window} ({each.mode}): <InUnit unit={each.unit} value={each.remaining} /> left of{" "}
          <InUnit unit={each.unit} value={each.limit} />
          {each.held !== "0" && (
            <>
              , <InUnit unit={each.unit} value={each.held} /> held
            </>
          )}
          {each.resets_at && (
            <>
              ; resets <Instant value={each.resets_at} />
            </>
          )}
        </li>
      ))}
    </ul>
  );
}
