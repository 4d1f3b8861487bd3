/** Every row of the catalogue: filtered and sorted here, at once. */

import { useMemo } from "preact/hooks";
import { href, setParams, useAddress } from "../../address";
import { addressOf, call, type ItemOf } from "../../api/client";
import { useAnswer } from "../../api/use-answer";
import { compare, type Decimal, decimal, withPlaces } from "../../exact/decimal";
import { CopyAsCurl } from "../../parts/actions";
import { Count, PerMillion, Usd } from "../../parts/amount";
import { ChoiceFilter, TextFilter, Toolbar } from "../../parts/controls";
import { Loaded } from "../../parts/states";
import { type Column, Table } from "../../parts/table";

const ROUTE = "/api/ai/pricing/models";
const CACHE_READ = "cache_read_input_token_cost";
const PLACES = 20; // of nearly all rates a token; sorting compares thousands of them

interface Row {
  readonly model: ItemOf<typeof ROUTE>;
  readonly words: string;
  readonly input: Decimal | null;
  readonly output: Decimal | null;
  readonly cached: string | null;
  readonly cachedRate: Decimal | null;
}

function rowOf(model: ItemOf<typeof ROUTE>): Row {
  const cached = model.rates[CACHE_READ];
  const read = (text: unknown) => (typeof text === "string" ? withPlaces(decimal(text), PLACES) : null);
  return {
    model,
    words: `${model.id} ${model.mode ?? ""}`.toLowerCase(),
    input: read(model.input_usd_per_token),
    output: read(model.output_usd_per_token),
    cached: typeof cached === "string" ? cached : null,
    cachedRate: read(cached),
  };
}

/** By a figure; rows without one stand behind all others. */
function byFigure(of: (row: Row) => Decimal | null) {
  return (a: Row, b: Row) => {
    const [left, right] = [of(a), of(b)];
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    return compare(left, right);
  };
}

/** The rates of what is not priced by the token: a picture, a page, a second. */
function otherRates({ model }: Row): string {
  if (model.input_usd_per_token !== null) return "";
  return Object.entries(model.rates)
    .filter(([, value]) => typeof value === "string" && value !== "0")
    .map(([key, value]) => `${key} ${value}`)
    .join(", ");
}

const COLUMNS: readonly Column<Row>[] = [
  {
    key: "id",
    title: "Model",
    width: 330,
    cell: ({ model }) => <a href={href("prices", { model: model.id })}>{model.id}</a>,
    text: ({ model }) => model.id,
  },
  {
    key: "provider",
    title: "Provider",
    width: 130,
    cell: (row) => row.model.provider,
    text: (row) => row.model.provider,
  },
  { key: "mode", title: "Kind", width: 120, cell: (row) => row.model.mode ?? "–", text: (row) => row.model.mode ?? "" },
  {
    key: "input_usd_per_token",
    title: "Input, $/M",
    width: 110,
    isNumber: true,
    cell: ({ model }) => <PerMillion rate={model.input_usd_per_token} />,
    text: ({ model }) => model.input_usd_per_token ?? "",
    order: byFigure((row) => row.input),
  },
  {
    key: "output_usd_per_token",
    title: "Output, $/M",
    width: 115,
    isNumber: true,
    cell: ({ model }) => <PerMillion rate={model.output_usd_per_token} />,
    text: ({ model }) => model.output_usd_per_token ?? "",
    order: byFigure((row) => row.output),
  },
  {
    key: CACHE_READ,
    title: "Cached, $/M",
    width: 115,
    isNumber: true,
    cell: (row) => <PerMillion rate={row.cached} />,
    text: (row) => row.cached ?? "",
    order: byFigure((row) => row.cachedRate),
  },
  {
    key: "max_input_tokens",
    title: "Window",
    width: 105,
    isNumber: true,
    cell: ({ model }) => <Count value={model.max_input_tokens} />,
    text: ({ model }) => String(model.max_input_tokens ?? ""),
    order: (a, b) => (a.model.max_input_tokens ?? Infinity) - (b.model.max_input_tokens ?? Infinity) || 0,
  },
  {
    key: "other_rates",
    title: "Other rates, $",
    width: 230,
    cell: (row) => <span title={otherRates(row)}>{otherRates(row) || "–"}</span>,
    text: otherRates,
  },
];

export function AllModels() {
  const models = useAnswer("models", async (signal) => {
    const data = await call("get", ROUTE, {}, signal);
    return data.items.map(rowOf);
  });
  return (
    <Loaded asking={models} what="all prices">
      {(rows) => <Filtered rows={rows} />}
    </Loaded>
  );
}

function Filtered({ rows }: { rows: readonly Row[] }) {
  const { params } = useAddress();
  const [words, provider, mode] = [params.get("q") ?? "", params.get("provider"), params.get("mode")];
  const most = params.get("most") ?? "";
  const providers = useMemo(() => [...new Set(rows.map((row) => row.model.provider))].sort(), [rows]);
  const modes = useMemo(() => [...new Set(rows.flatMap((row) => row.model.mode ?? []))].sort(), [rows]);
  const shown = useMemo(() => {
    const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
    const limit = /^\d+(\.\d+)?$/.test(most) ? decimal(`${most}e-6`) : null;
    return rows.filter(
      (row) =>
        (!provider || row.model.provider === provider) &&
        (!mode || row.model.mode === mode) &&
        (limit === null || (row.input !== null && compare(row.input, limit) <= 0)) &&
        wanted.every((word) => row.words.includes(word)),
    );
  }, [rows, words, provider, mode, most]);
  return (
    <>
      <Toolbar>
        <TextFilter label="Model" param="q" placeholder="words of its id" />
        <ChoiceFilter label="Provider" param="provider" all="all" choices={providers} />
        <ChoiceFilter label="Kind" param="mode" all="all" choices={modes} />
        <TextFilter label="Input at most, $/M" param="most" placeholder="2.50" />
        <CopyAsCurl request={{ verb: "get", address: addressOf(ROUTE) }} />
      </Toolbar>
      <Table
        caption="Prices of all models"
        columns={COLUMNS}
        rows={shown}
        keyOf={(row) => row.model.id}
        sort={params.get("sort") ?? "id"}
        onSort={(sort) => setParams({ sort })}
        empty="No model is like that."
        file="prices"
      />
    </>
  );
}

/** The rates of a row as a list, as they were published. */
export function Rates({ rates }: { rates: Record<string, unknown> }) {
  const entries = Object.entries(rates);
  if (entries.length === 0) return <span class="none">none</span>;
  return (
    <ul class="rates">
      {entries.map(([key, value]) => (
        <li key={key}>
          <code>{key}</code> {typeof value === "string" ? <Usd value={value} /> : <code>{JSON.stringify(value)}</code>}
        </li>
      ))}
    </ul>
  );
}
