/** Where prices come from, and how fresh each source's word is. */

import { addressOf, call } from "../../api/client";
import { useAnswer } from "../../api/use-answer";
import { CopyAsCurl } from "../../parts/actions";
import { Count, Instant, spanText } from "../../parts/amount";
import { Toolbar } from "../../parts/controls";
import { Loaded } from "../../parts/states";

const ROUTE = "/api/ai/pricing";
const GOOD: readonly string[] = ["fresh", "unchanged"];

export function Sources() {
  const asking = useAnswer("sources", (signal) => call("get", ROUTE, {}, signal));
  return (
    <>
      <Toolbar>
        <CopyAsCurl request={{ verb: "get", address: addressOf(ROUTE) }} />
      </Toolbar>
      <Loaded asking={asking} what="the sources">
        {(data) => (
          <>
            <p>
              <Count value={data.model_count} /> models, {data.cache_valid ? "confirmed" : "last confirmed"}{" "}
              {spanText(data.age_seconds)} ago, version <code>{data.snapshot_version}</code>
              {data.origin === "seed" && " – the prices that came with the package: nothing was fetched yet"}.
            </p>
            <div class="cards">
              {data.sources.map((each) => (
                <section class="card" key={each.name}>
                  <h2>{each.name}</h2>
                  <dl>
                    <dt>Last answer</dt>
                    <dd class={GOOD.includes(each.state) ? "good" : "warn"}>{each.state}</dd>
                    <dt>Checked</dt>
                    <dd>
                      <Instant value={each.checked_at} />
                    </dd>
                    <dt>Fetched</dt>
                    <dd>
                      <Instant value={each.fetched_at} />
                    </dd>
                    <dt>Models</dt>
                    <dd>
                      <Count value={each.models} />
                    </dd>
                    {each.failing_since && (
                      <>
                        <dt>Failing since</dt>
                        <dd>
                          <Instant value={each.failing_since} />
                        </dd>
                      </>
                    )}
                  </dl>
                  {each.detail && <p class="quiet">{each.detail}</p>}
                </section>
              ))}
            </div>
          </>
        )}
      </Loaded>
    </>
  );
}
