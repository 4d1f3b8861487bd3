/** How providers did hour by hour, from the tenant's own calls: what failed, and how long answers took. */

import { useTenant } from "../../address";
import { addressOf, call, type Data, type Query } from "../../api/client";
import { useAnswer } from "../../api/use-answer";
import { decimal, percent } from "../../exact/decimal";
import { CopyAsCurl } from "../../parts/actions";
import { Count, Milliseconds } from "../../parts/amount";
import { Toolbar } from "../../parts/controls";
import { everyTime, PeriodFilter, usePeriod } from "../../parts/period";
import { LinePlot, type Series, StackedBars } from "../../parts/plot";
import { Loaded } from "../../parts/states";
import { type Column, Table } from "../../parts/table";

const ROUTE = "/api/byok/usage";
const DAYS = 2;
type Usage = Data<typeof ROUTE>;
type Row = Usage["series"][number];

function failedText(row: Row): string {
  const tried = decimal(row.calls + row.failed_attempts);
  return percent(decimal(row.failed_attempts), tried) ?? "";
}

const COLUMNS: readonly Column<Row>[] = [
  { key: "hour", title: "Hour (UTC)", width: 140, cell: (row) => row.group.hour, text: (row) => row.group.hour ?? "" },
  {
    key: "provider",
    title: "Provider",
    width: 140,
    cell: (row) => row.group.provider,
    text: (row) => row.group.provider ?? "",
  },
  {
    key: "calls",
    title: "Answered",
    width: 100,
    isNumber: true,
    cell: (row) => <Count value={row.calls} />,
    text: (row) => String(row.calls),
  },
  {
    key: "failed_attempts",
    title: "Failed",
    width: 90,
    isNumber: true,
    cell: (row) => <Count value={row.failed_attempts} />,
    text: (row) => String(row.failed_attempts),
  },
  {
    key: "failed_percent",
    title: "Failed, %",
    width: 95,
    isNumber: true,
    cell: (row) => failedText(row) || "–",
    text: failedText,
  },
  {
    key: "latency_ms_p95",
    title: "Latency, p95",
    width: 120,
    isNumber: true,
    cell: (row) => <Milliseconds value={row.latency_ms.p95} />,
    text: (row) => String(row.latency_ms.p95 ?? ""),
  },
  {
    key: "first_token_ms_p95",
    title: "First token, p95",
    width: 130,
    isNumber: true,
    cell: (row) => <Milliseconds value={row.first_token_ms.p95} />,
    text: (row) => String(row.first_token_ms.p95 ?? ""),
  },
];

export function OverTime() {
  const period = usePeriod(DAYS);
  const query: Query<typeof ROUTE> = { ...period, ...useTenant(), group_by: ["hour", "provider"] };
  const address = addressOf(ROUTE, {}, query);
  const usage = useAnswer(address, (signal) => call("get", ROUTE, { query }, signal));
  return (
    <>
      <Toolbar>
        <PeriodFilter period={period} />
        <CopyAsCurl request={{ verb: "get", address }} />
      </Toolbar>
      <Loaded asking={usage} what="how providers did">
        {(data) => (
          <>
            {data.series.length > 0 && <Plots usage={data} />}
            <Table
              caption="Providers hour by hour"
              columns={COLUMNS}
              rows={data.series}
              keyOf={(row) => `${row.group.hour} ${row.group.provider}`}
              empty="No call was made in this period."
              file="providers-by-hour"
            />
          </>
        )}
      </Loaded>
    </>
  );
}

function Plots({ usage }: { usage: Usage }) {
  const hours = everyTime(usage.from_day, usage.to_day, true);
  const providers = [...new Set(usage.series.map((row) => row.group.provider ?? ""))].sort();
  const rows = new Map(usage.series.map((row) => [`${row.group.hour} ${row.group.provider}`, row]));
  const seriesOf = (of: (row: Row) => number | null): Series[] =>
    providers.map((name) => ({
      name,
      values: hours.map((hour) => {
        const row = rows.get(`${hour} ${name}`);
        const value = row ? of(row) : null;
        return value === null ? null : String(value);
      }),
    }));
  return (
    <>
      <StackedBars
        title="Failed attempts by hour"
        unit="attempts"
        categories={hours}
        series={seriesOf((row) => row.failed_attempts)}
      />
      <LinePlot
        title="Latency by hour, 95th percentile"
        unit="milliseconds"
        categories={hours}
        series={seriesOf((row) => row.latency_ms.p95)}
      />
    </>
  );
}
