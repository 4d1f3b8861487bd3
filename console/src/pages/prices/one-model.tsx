/** One model: its rates with what every source says, and their history as steps. */

import { href } from "../../address";
import { addressOf, call, type Data, type ItemOf } from "../../api/client";
import { useAnswer } from "../../api/use-answer";
import { perMillion } from "../../exact/decimal";
import { CopyAsCurl, DownloadCsv } from "../../parts/actions";
import { Count, Instant, instantText, PerMillion, Usd } from "../../parts/amount";
import { Toolbar } from "../../parts/controls";
import { type Series, StepPlot } from "../../parts/plot";
import { Loaded } from "../../parts/states";
import { Rates } from "./all-models";

const MODEL = "/api/ai/pricing/model/{model}";
const HISTORY = "/api/ai/pricing/history/{model}";
const PLOTTED: readonly [string, string][] = [
  ["input_cost_per_token", "input"],
  ["output_cost_per_token", "output"],
  ["cache_read_input_token_cost", "cached input"],
];

export function OneModel({ model }: { model: string }) {
  const price = useAnswer(`model ${model}`, (signal) => call("get", MODEL, { path: { model } }, signal));
  return (
    <>
      <p>
        <a href={href("prices")}>All models</a>
      </p>
      <h2>{model}</h2>
      <Toolbar>
        <CopyAsCurl request={{ verb: "get", address: addressOf(MODEL, { model }) }} />
      </Toolbar>
      <Loaded asking={price} what={model}>
        {(data) => <Row data={data} />}
      </Loaded>
      <History model={model} />
    </>
  );
}

function Row({ data }: { data: Data<typeof MODEL> }) {
  return (
    <div class="cards">
      <section class="card">
        <h2>Rates, as published</h2>
        <Rates rates={data.rates} />
        {data.own && (
          <p>
            Your own price: input <PerMillion rate={data.own.input_usd_per_token} />, output{" "}
            <PerMillion rate={data.own.output_usd_per_token} /> a million tokens.
          </p>
        )}
      </section>
      <section class="card">
        <h2>The row</h2>
        <dl>
          <dt>Provider</dt>
          <dd>{data.provider}</dd>
          <dt>Source</dt>
          <dd>
            {data.source}, <code>{data.source_key}</code>
          </dd>
          <dt>Believed since</dt>
          <dd>
            <Instant value={data.believed_since} />
          </dd>
          <dt>Window</dt>
          <dd>
            <Count value={data.limits.max_input_tokens} /> in, <Count value={data.limits.max_output_tokens} /> out
          </dd>
          <dt>Can</dt>
          <dd>{data.capabilities.join(", ") || "–"}</dd>
          {data.deprecation_date && (
            <>
              <dt>Deprecated</dt>
              <dd class="warn">{data.deprecation_date}</dd>
            </>
          )}
          <dt>Also sold as</dt>
          <dd>{data.also_sold_as.join(", ") || "–"}</dd>
        </dl>
      </section>
      {data.agreement && (
        <section class="card">
          <h2>What lists say: {data.agreement.verdict}</h2>
          {data.agreement.rates.map((rate) => (
            <p key={rate.rate_key}>
              <code>{rate.rate_key}</code> in force <Usd value={rate.in_force_usd} /> ({rate.source}), {rate.verdict}
              {rate.statements.map((said) => (
                <span class="said" key={said.source}>
                  {said.source} <Usd value={said.usd} />
                </span>
              ))}
            </p>
          ))}
        </section>
      )}
    </div>
  );
}

function History({ model }: { model: string }) {
  const spans = useAnswer(`history ${model}`, (signal) => allHistory(model, signal));
  return (
    <Loaded asking={spans} what="the history of prices">
      {(found) => {
        const oldestFirst = [...found].reverse();
        const series: Series[] = PLOTTED.map(([key, name]) => ({
          name,
          values: oldestFirst.map((span) => {
            const rate = span.rates[key];
            return typeof rate === "string" ? perMillion(rate) : null;
          }),
        })).filter((each) => each.values.some((value) => value !== null));
        return (
          <>
            <p class="below">
              <output>{found.length} spans of prices</output>
              <DownloadCsv
                name={`prices-of-${model.replaceAll("/", "-")}`}
                headings={["since", "rate", "usd"]}
                rows={() => found.flatMap((span) => ratesOf(span.since, span.rates))}
              />
            </p>
            {series.length > 0 && (
              <StepPlot
                title="Prices over time"
                unit="USD a million tokens, from each instant on"
                categories={oldestFirst.map((span) => instantText(span.since))}
                series={series}
              />
            )}
          </>
        );
      }}
    </Loaded>
  );
}

function ratesOf(since: string, rates: Record<string, unknown>): string[][] {
  return Object.entries(rates).map(([key, value]) => [
    since,
    key,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
}

async function allHistory(model: string, signal: AbortSignal): Promise<ItemOf<typeof HISTORY>[]> {
  const spans: ItemOf<typeof HISTORY>[] = [];
  let cursor: string | null = null;
  do {
    const page: Data<typeof HISTORY> = await call(
      "get",
      HISTORY,
      { path: { model }, query: { limit: 200, cursor } },
      signal,
    );
    spans.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return spans;
}
