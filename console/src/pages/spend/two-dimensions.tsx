/** A period's usage by one dimension over another: stacked bars, and every group in a table. */

import { setParams, useAddress, useTenant } from "../../address";
import { addressOf, call, type Data, type Query } from "../../api/client";
import { useAnswer } from "../../api/use-answer";
import { compare, decimal } from "../../exact/decimal";
import { CopyAsCurl } from "../../parts/actions";
import { Count, Milliseconds, Usd } from "../../parts/amount";
import { ChoiceFilter, Toolbar } from "../../parts/controls";
import { everyTime, PeriodFilter, usePeriod } from "../../parts/period";
import { StackedBars } from "../../parts/plot";
import { Loaded } from "../../parts/states";
import { type Column, Table } from "../../parts/table";
import { stacked } from "./stack";

const ROUTE = "/api/byok/usage";
type Dimension = NonNullable<Query<typeof ROUTE>["group_by"]>[number];
type Usage = Data<typeof ROUTE>;
type Row = Usage["series"][number];

const DIMENSIONS: readonly [Dimension, string][] = [
  ["day", "day"],
  ["hour", "hour"],
  ["model", "model"],
  ["provider", "provider"],
  ["key", "service key"],
  ["provider_key", "provider key"],
  ["tag", "tag"],
  ["tier", "tier"],
  ["user", "end user"],
  ["session", "session or run"],
];
const MEASURES = [
  ["cost_usd", "cost"],
  ["calls", "calls"],
  ["failed_attempts", "failed attempts"],
  ["refused", "refused by budgets"],
] as const;
const NOT_SAID = "(none)";
const MOST_TIMES = 400; // bars; of more only those with calls are drawn

function titleOf(dimension: Dimension): string {
  return DIMENSIONS.find(([name]) => name === dimension)?.[1] ?? dimension;
}

function wordOf(row: Row, dimension: Dimension | null): string {
  return dimension === null ? "all" : row.group[dimension] || NOT_SAID;
}

function unitsText(row: Row): string {
  return Object.entries(row.units)
    .map(([unit, count]) => `${unit} ${count}`)
    .join(", ");
}

function byNumber(of: (row: Row) => string | number | null) {
  return (a: Row, b: Row) => compare(decimal(of(a) ?? "-1"), decimal(of(b) ?? "-1"));
}

function columnsOf(dimensions: readonly Dimension[]): Column<Row>[] {
  const words = dimensions.map((each) => ({
    key: each,
    title: `${titleOf(each)[0]?.toUpperCase()}${titleOf(each).slice(1)}`,
    width: 200,
    cell: (row: Row) => wordOf(row, each),
    text: (row: Row) => row.group[each] ?? "",
  }));
  const counts = (["calls", "failed_attempts", "refused"] as const).map((each) => ({
    key: each,
    title: { calls: "Calls", failed_attempts: "Failed", refused: "Refused" }[each],
    width: 90,
    isNumber: true,
    cell: (row: Row) => <Count value={row[each]} />,
    text: (row: Row) => String(row[each]),
    order: byNumber((row) => row[each]),
  }));
  const latencies = (["p50", "p95"] as const).map((each) => ({
    key: `latency_ms_${each}`,
    title: `Latency, ${each}`,
    width: 110,
    isNumber: true,
    cell: (row: Row) => <Milliseconds value={row.latency_ms[each]} />,
    text: (row: Row) => String(row.latency_ms[each] ?? ""),
    order: byNumber((row) => row.latency_ms[each]),
  }));
  return [
    ...words,
    {
      key: "cost_usd",
      title: "Cost",
      width: 150,
      isNumber: true,
      cell: (row) => <Usd value={row.cost_usd} />,
      text: (row) => row.cost_usd,
      order: byNumber((row) => row.cost_usd),
    },
    ...counts,
    ...latencies,
    {
      key: "units",
      title: "Units",
      width: 260,
      cell: (row) => <span title={unitsText(row)}>{unitsText(row)}</span>,
      text: unitsText,
    },
  ];
}

export function TwoDimensions() {
  const { params } = useAddress();
  const named = (param: string) => DIMENSIONS.find(([name]) => name === params.get(param))?.[0] ?? null;
  const over = named("over") ?? "day";
  const wanted = params.get("by") === "nothing" ? null : (named("by") ?? "provider");
  const by = wanted === over ? null : wanted;
  const period = usePeriod(over === "hour" ? 2 : undefined);
  const dimensions = by === null ? [over] : [over, by];
  const query: Query<typeof ROUTE> = { ...period, ...useTenant(), group_by: dimensions };
  const address = addressOf(ROUTE, {}, query);
  const usage = useAnswer(address, (signal) => call("get", ROUTE, { query }, signal));
  return (
    <>
      <Toolbar>
        <PeriodFilter period={period} />
        <ChoiceFilter label="Each" param="over" choices={DIMENSIONS} />
        <ChoiceFilter label="Divided by" param="by" all="provider" choices={[...DIMENSIONS, ["nothing", "nothing"]]} />
        <ChoiceFilter
          label="Show"
          param="show"
          choices={MEASURES.map(([name, title]): [string, string] => [name, title])}
        />
        <CopyAsCurl request={{ verb: "get", address }} />
      </Toolbar>
      <Loaded asking={usage} what="what was spent">
        {(data) => (
          <>
            <Total usage={data} />
            {data.series.length > 0 && <Stacks usage={data} over={over} by={by} show={params.get("show")} />}
            {dimensions.includes("tag") && (
              <p class="quiet">
                A call with several tags counts in each, so that tags may come to more than the total.
              </p>
            )}
            <Table
              caption="Usage by group"
              columns={columnsOf(dimensions)}
              rows={data.series}
              keyOf={(row) => JSON.stringify(row.group)}
              sort={params.get("sort") ?? over}
              onSort={(sort) => setParams({ sort })}
              empty="No call was made in this period."
              file={`usage-${data.from_day}-${data.to_day}`}
            />
          </>
        )}
      </Loaded>
    </>
  );
}

function Total({ usage }: { usage: Usage }) {
  return (
    <p>
      {usage.from_day} to {usage.to_day}: <Usd value={usage.total.cost_usd} /> for <Count value={usage.total.calls} />{" "}
      calls.
    </p>
  );
}

function Stacks(props: { usage: Usage; over: Dimension; by: Dimension | null; show: string | null }) {
  const { usage, over, by } = props;
  const [measure, title] = MEASURES.find(([name]) => name === props.show) ?? MEASURES[0];
  const times = over === "day" || over === "hour" ? everyTime(usage.from_day, usage.to_day, over === "hour") : null;
  const groups = usage.series.map((row) => ({
    over: wordOf(row, over),
    by: wordOf(row, by),
    value: String(row[measure]),
  }));
  const { categories, series } = stacked(groups, times && times.length <= MOST_TIMES ? times : null);
  return (
    <StackedBars
      title={`${title[0]?.toUpperCase()}${title.slice(1)} by ${titleOf(over)}${by === null ? "" : ` and ${titleOf(by)}`}`}
      unit={measure === "cost_usd" ? "USD" : title}
      categories={categories}
      series={series}
    />
  );
}
