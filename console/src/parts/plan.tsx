/** A call's plan: the tier and its signals, who would take it at what cost, and why each other model is out. */

import { href } from "../address";
import type { Data } from "../api/client";
import { Usd } from "./amount";

export const ROUTE = "/v1/route";
const MOST_SHOWN = 200;
type Route = Data<typeof ROUTE, "post">;

export function Plan({ route }: { route: Route }) {
  return (
    <>
      {route.tier && <Tier tier={route.tier} />}
      {route.candidates.length === 0 && <p class="bad">No model can take it.</p>}
      <ol>
        {route.candidates.map((each) => (
          <li key={each.model}>
            <a href={href("prices", { model: each.model })}>{each.model}</a>, expected{" "}
            <Usd value={each.expected_cost_usd} />, at most <Usd value={each.most_cost_usd} />
            {each.quality !== null && `, quality ${each.quality}`}
          </li>
        ))}
      </ol>
      {route.cache && (
        <p>
          {route.cache.model} holds {route.cache.cached_tokens} tokens of it in its cache, worth{" "}
          <Usd value={route.cache.worth_usd} />
          {route.cache.instead && (
            <>
              ; {route.cache.instead} instead would save <Usd value={route.cache.saving_usd} />
            </>
          )}
          .
        </p>
      )}
      {route.excluded.length > 0 && (
        <details>
          <summary>{route.excluded.length.toLocaleString("en")} are out</summary>
          <ul>
            {route.excluded.slice(0, MOST_SHOWN).map((each) => (
              <li key={each.model}>
                {each.model}: {each.reason}
                {each.detail && <span class="quiet"> – {each.detail}</span>}
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function Tier({ tier }: { tier: NonNullable<Route["tier"]> }) {
  return (
    <>
      <p>
        As <strong>{tier.tier}</strong> ({tier.why}): a quality of {tier.minimum_quality} at least, by {tier.prefer}.
      </p>
      {tier.signals.length > 0 && <Signals signals={tier.signals} />}
    </>
  );
}

/** What a prompt was classified by, each signal with its weight and what it was read from. */
export function Signals({ signals }: { signals: NonNullable<Route["tier"]>["signals"] }) {
  return (
    <ul>
      {signals.map((each) => (
        <li key={each.name}>
          {each.name} <span class="number">{each.weight > 0 ? `+${each.weight}` : each.weight}</span>{" "}
          <span class="quiet">{each.evidence}</span>
        </li>
      ))}
    </ul>
  );
}
