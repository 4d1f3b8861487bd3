/** What a period's calls would have cost on other models, or at other prices, call by call. */

import { setParams, useAddress, useTenant } from "../../address";
import { addressOf, type Body, call, type Data } from "../../api/client";
import { useAnswer } from "../../api/use-answer";
import { compare, decimal, plain, plus } from "../../exact/decimal";
import { CopyAsCurl } from "../../parts/actions";
import { Count, Instant, Usd } from "../../parts/amount";
import { ChoiceFilter, TextFilter, Toolbar } from "../../parts/controls";
import { instantsOf, PeriodFilter, usePeriod } from "../../parts/period";
import { Empty, Loaded } from "../../parts/states";
import { type Column, Table } from "../../parts/table";

export const REPRICE = "/api/byok/usage/reprice";
export type Reprice = Body<typeof REPRICE, "post">;
type Repricing = Data<typeof REPRICE, "post">;
type Row = Repricing["answers"][number];

const MOST_MODELS = 10;
const PRICES = ["own", "list"] as const;

function added(a: Row, b: Row | undefined): Row {
  if (!b) return a;
  const not_priced = { ...a.not_priced };
  for (const [unit, count] of Object.entries(b.not_priced)) not_priced[unit] = (not_priced[unit] ?? 0) + count;
  const both = (of: (row: Row) => string) => plain(plus(decimal(of(a)), decimal(of(b))));
  return {
    model: a.model,
    calls: a.calls + b.calls,
    actual_usd: both((row) => row.actual_usd),
    hypothetical_usd: both((row) => row.hypothetical_usd),
    difference_usd: both((row) => row.difference_usd),
    not_priced,
  };
}

/** A period in as many parts as the service answers it in, added up. */
async function repriced(body: Reprice, query: { tenant?: string }, signal: AbortSignal): Promise<Repricing> {
  let whole = await call("post", REPRICE, { body, query }, signal);
  while (whole.next_cursor) {
    const part = await call("post", REPRICE, { body, query: { ...query, cursor: whole.next_cursor } }, signal);
    whole = { ...part, answers: whole.answers.map((each, place) => added(each, part.answers[place])) };
  }
  return whole;
}

function notPriced(row: Row): string {
  return Object.entries(row.not_priced)
    .map(([unit, count]) => `${unit}: ${count}`)
    .join(", ");
}

function amount(key: "actual_usd" | "hypothetical_usd" | "difference_usd", title: string): Column<Row> {
  return {
    key,
    title,
    width: 160,
    isNumber: true,
    cell: (row) => <Usd value={row[key]} />,
    text: (row) => row[key],
    order: (a, b) => compare(decimal(a[key]), decimal(b[key])),
  };
}

const COLUMNS: readonly Column<Row>[] = [
  {
    key: "model",
    title: "On",
    width: 260,
    cell: (row) => row.model ?? "each on its own model",
    text: (row) => row.model ?? "",
  },
  {
    key: "calls",
    title: "Calls",
    width: 90,
    isNumber: true,
    cell: (row) => <Count value={row.calls} />,
    text: (row) => String(row.calls),
  },
  amount("actual_usd", "Actual"),
  amount("hypothetical_usd", "Would have been"),
  amount("difference_usd", "Difference"),
  { key: "not_priced", title: "Not priced", width: 220, cell: (row) => notPriced(row) || "–", text: notPriced },
];

export function WhatIf() {
  const { params } = useAddress();
  const period = usePeriod();
  const tenant = useTenant();
  const models = (params.get("models") ?? "")
    .split(",")
    .map((each) => each.trim())
    .filter(Boolean)
    .slice(0, MOST_MODELS);
  const prices = PRICES.find((each) => each === params.get("prices")) ?? "own";
  const body: Reprice = {
    ...instantsOf(period),
    models,
    prices,
    ...(params.get("of_model") && { model: params.get("of_model") }),
    ...(params.get("of_provider") && { provider: params.get("of_provider") }),
    ...(params.get("at") && { at: `${params.get("at")}:00Z` }),
  };
  const request = { verb: "post", address: addressOf(REPRICE, {}, tenant), body };
  return (
    <>
      <Toolbar>
        <PeriodFilter period={period} />
        <Models />
        <label class="filter">
          At the prices of (UTC)
          <input
            type="datetime-local"
            value={params.get("at") ?? ""}
            onChange={(event) => setParams({ at: event.currentTarget.value.slice(0, 16) })}
          />
        </label>
        <ChoiceFilter
          label="Prices"
          param="prices"
          choices={[
            ["own", "your own"],
            ["list", "the lists'"],
          ]}
        />
        <TextFilter label="Only calls of the model" param="of_model" placeholder="openai/gpt-4o" />
        <TextFilter label="Only calls of the provider" param="of_provider" placeholder="openai" />
        <CopyAsCurl request={request} />
      </Toolbar>
      {models.length === 0 && !params.get("at") ? (
        <Empty>Name other models, or another instant whose prices count: every call is costed anew, one by one.</Empty>
      ) : (
        <Answers key={JSON.stringify(body)} body={body} tenant={tenant} />
      )}
    </>
  );
}

/** The models, taken over when the field is left or Enter is pressed: half a name is none. */
function Models() {
  const { params } = useAddress();
  return (
    <label class="filter">
      Other models, by commas
      <input
        type="search"
        size={32}
        value={params.get("models") ?? ""}
        placeholder="openai/gpt-4o-mini, mistral/…"
        onChange={(event) => setParams({ models: event.currentTarget.value })}
      />
    </label>
  );
}

function Answers({ body, tenant }: { body: Reprice; tenant: { tenant?: string } }) {
  const { params } = useAddress();
  const asking = useAnswer(JSON.stringify([body, tenant]), (signal) => repriced(body, tenant, signal));
  return (
    <Loaded asking={asking} what="what it would have cost">
      {(data) => (
        <>
          <Table
            caption="What the period would have cost"
            columns={COLUMNS}
            rows={data.answers}
            keyOf={(row) => row.model ?? ""}
            sort={params.get("sort") ?? "hypothetical_usd"}
            onSort={(sort) => setParams({ sort })}
            empty="No call was made in this period."
            file="what-if"
          />
          <p class="quiet">
            Prices of version <code>{data.price_version}</code>, believed since <Instant value={data.believed_since} />.
          </p>
        </>
      )}
    </Loaded>
  );
}
