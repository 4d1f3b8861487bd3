/** The frontier of one's own calls: models that are as good and cost less, and what each move would save and lose. */

import { href, useAddress, useTenant } from "../../address";
import { addressOf, call, type Data } from "../../api/client";
import { useAnswer } from "../../api/use-answer";
import { CopyAsCurl } from "../../parts/actions";
import { Count, Usd } from "../../parts/amount";
import { TextFilter, Tick, Toolbar } from "../../parts/controls";
import { instantsOf, PeriodFilter, usePeriod } from "../../parts/period";
import { type Point, ScatterPlot } from "../../parts/scatter";
import { Empty, Loaded } from "../../parts/states";
import { type Column, Table } from "../../parts/table";
import { REPRICE, type Reprice } from "./what-if";

type Found = NonNullable<Data<typeof REPRICE, "post">["frontier"]>;
type Move = Found["moves"][number];

const POINTS = /^\d{1,2}(\.\d+)?$/;

const COLUMNS: readonly Column<Move>[] = [
  {
    key: "model",
    title: "Called",
    width: 230,
    cell: (row) => <a href={href("prices", { model: row.model })}>{row.model}</a>,
    text: (row) => row.model,
  },
  {
    key: "calls",
    title: "Calls",
    width: 80,
    isNumber: true,
    cell: (row) => <Count value={row.calls} />,
    text: (row) => String(row.calls),
  },
  {
    key: "actual_usd",
    title: "Cost",
    width: 140,
    isNumber: true,
    cell: (row) => <Usd value={row.actual_usd} />,
    text: (row) => row.actual_usd,
  },
  {
    key: "to",
    title: "As good",
    width: 230,
    cell: (row) =>
      row.to ? <a href={href("prices", { model: row.to.model })}>{row.to.model}</a> : "none saves anything",
    text: (row) => row.to?.model ?? "",
  },
  {
    key: "would_cost_usd",
    title: "Would cost",
    width: 140,
    isNumber: true,
    cell: (row) => <Usd value={row.to?.would_cost_usd} />,
    text: (row) => row.to?.would_cost_usd ?? "",
  },
  {
    key: "saves_usd",
    title: "Saves",
    width: 140,
    isNumber: true,
    cell: (row) => <Usd value={row.to?.saves_usd} />,
    text: (row) => row.to?.saves_usd ?? "",
  },
  {
    key: "loses",
    title: "Loses",
    width: 260,
    cell: (row) => <span title={losesText(row)}>{losesText(row) || "–"}</span>,
    text: (row) => losesText(row),
  },
];

/** What a move gives up: points of quality, capabilities, and calls that have to stay. */
function losesText({ to, loses_quality, loses_capabilities }: Move): string {
  if (!to) return "";
  const parts: string[] = [];
  if (loses_quality) parts.push(`quality ${loses_quality}`);
  if (loses_capabilities.length > 0) parts.push(loses_capabilities.join(", "));
  if (to.calls_too_long > 0) parts.push(`${to.calls_too_long} calls too long for it`);
  if (to.calls_not_priced > 0) parts.push(`${to.calls_not_priced} calls not priced there`);
  if (!to.has_key) parts.push("no key of it is stored");
  return parts.join("; ");
}

function pointsOf(found: Found): Point[] {
  const on = found.frontier.map((each) => ({
    name: each.model,
    usd: each.would_cost_usd,
    score: each.quality,
    kind: 0,
    isOnLine: true,
  }));
  if (found.quality === null) return on;
  return [...on, { name: "as it was", usd: found.actual_usd, score: found.quality, kind: 1, isOnLine: false }];
}

export function Frontier() {
  const { params } = useAddress();
  const period = usePeriod();
  const tenant = useTenant();
  const may_lose = POINTS.test(params.get("may_lose") ?? "") ? Number(params.get("may_lose")) : 0;
  const body: Reprice = {
    ...instantsOf(period),
    models: [],
    prices: "own",
    at_least_as_good: {
      capabilities: (params.get("capabilities") ?? "")
        .split(",")
        .map((each) => each.trim())
        .filter(Boolean),
      may_lose,
      only_with_key: params.get("only_with_key") === "yes",
      free: params.get("free") === "yes",
    },
  };
  const key = JSON.stringify([body, tenant]);
  const asking = useAnswer(key, (signal) => call("post", REPRICE, { body, query: tenant }, signal));
  return (
    <>
      <Toolbar>
        <PeriodFilter period={period} />
        <TextFilter label="May lose, points of quality" param="may_lose" placeholder="0" />
        <TextFilter label="Capabilities, by commas" param="capabilities" placeholder="vision" />
        <Tick label="Only models that my keys reach" param="only_with_key" />
        <Tick label="Also free ones" param="free" />
        <CopyAsCurl request={{ verb: "post", address: addressOf(REPRICE, {}, tenant), body }} />
      </Toolbar>
      <Loaded asking={asking} what="the frontier of your calls">
        {({ frontier: found }) =>
          !found || found.calls === 0 ? (
            <Empty>No chat of this period can be compared.</Empty>
          ) : (
            <>
              <p>
                <Count value={found.calls} /> calls cost <Usd value={found.actual_usd} />; the best moves would save{" "}
                <Usd value={found.saves_usd} />.{" "}
                {found.calls_left_out > 0 && `${found.calls_left_out} calls are left out.`}
              </p>
              {found.frontier.length > 0 && (
                <ScatterPlot
                  title="Quality over what these calls would cost"
                  across="USD for these calls"
                  up="quality"
                  kinds={["on the frontier", "as it was"]}
                  points={pointsOf(found)}
                />
              )}
              <Table
                caption="What moving would save and lose"
                columns={COLUMNS}
                rows={found.moves}
                keyOf={(row) => row.model}
                empty="No model was called."
                file="moves"
              />
              <p class="quiet">{found.attribution}</p>
            </>
          )
        }
      </Loaded>
    </>
  );
}
