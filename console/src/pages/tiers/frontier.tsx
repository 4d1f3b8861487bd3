/** The quality-cost frontier of all models, with the one that each tier chooses for this tenant. */

import { href } from "../../address";
import { addressOf, call, type Data } from "../../api/client";
import { useAnswer } from "../../api/use-answer";
import { perMillion } from "../../exact/decimal";
import { CopyAsCurl } from "../../parts/actions";
import { Count, Milliseconds, PerMillion, Usd } from "../../parts/amount";
import { Toolbar } from "../../parts/controls";
import { type Point, ScatterPlot } from "../../parts/scatter";
import { Loaded } from "../../parts/states";
import { type Column, Table } from "../../parts/table";

const ROUTE = "/api/cognitive-tiers/compare";
type Compared = Data<typeof ROUTE>;
type Tier = Compared["tiers"][number];
type OnFrontier = Compared["frontier"][number];

const OF_TIERS: readonly Column<Tier>[] = [
  { key: "tier", title: "Tier", width: 110, cell: (row) => row.tier, text: (row) => row.tier },
  {
    key: "minimum_quality",
    title: "Quality from",
    width: 110,
    isNumber: true,
    cell: (row) => row.minimum_quality,
    text: (row) => String(row.minimum_quality),
  },
  {
    key: "models",
    title: "Models",
    width: 90,
    isNumber: true,
    cell: (row) => <Count value={row.models} />,
    text: (row) => String(row.models),
  },
  {
    key: "chosen",
    title: "Chosen for you",
    width: 260,
    cell: (row) =>
      row.chosen ? (
        <a href={href("prices", { model: row.chosen.model })}>{row.chosen.model}</a>
      ) : (
        <span class="warn" title={row.why_none ?? ""}>
          {row.why_none ?? "none"}
        </span>
      ),
    text: (row) => row.chosen?.model ?? "",
  },
  {
    key: "quality",
    title: "Its quality",
    width: 100,
    isNumber: true,
    cell: (row) => row.chosen?.quality ?? "–",
    text: (row) => String(row.chosen?.quality ?? ""),
  },
  {
    key: "expected_cost_usd",
    title: "Expected cost",
    width: 140,
    isNumber: true,
    cell: (row) => <Usd value={row.chosen?.expected_cost_usd} />,
    text: (row) => row.chosen?.expected_cost_usd ?? "",
  },
  {
    key: "lowest_cost_usd",
    title: "Cheapest",
    width: 130,
    isNumber: true,
    cell: (row) => <Usd value={row.lowest_cost_usd} />,
    text: (row) => row.lowest_cost_usd ?? "",
  },
  {
    key: "fastest_first_token_ms",
    title: "Fastest first token",
    width: 150,
    isNumber: true,
    cell: (row) => <Milliseconds value={row.fastest_first_token_ms} />,
    text: (row) => String(row.fastest_first_token_ms ?? ""),
  },
];

const OF_FRONTIER: readonly Column<OnFrontier>[] = [
  {
    key: "model",
    title: "Model",
    width: 280,
    cell: (row) => <a href={href("prices", { model: row.model })}>{row.model}</a>,
    text: (row) => row.model,
  },
  {
    key: "quality",
    title: "Quality",
    width: 90,
    isNumber: true,
    cell: (row) => row.quality,
    text: (row) => String(row.quality),
  },
  {
    key: "blended_usd_per_token",
    title: "Blended, $/M",
    width: 130,
    isNumber: true,
    cell: (row) => <PerMillion rate={row.blended_usd_per_token} />,
    text: (row) => row.blended_usd_per_token,
  },
  {
    key: "is_measured",
    title: "Rated by",
    width: 130,
    cell: (row) => (row.is_measured ? "a leaderboard" : "its family"),
    text: (row) => (row.is_measured ? "measured" : "estimated"),
  },
];

/** Models on the frontier by their blended rate; a tier's choice is marked where it is one of them. */
function pointsOf({ frontier, tiers }: Compared): Point[] {
  const chosen = new Map<string, string[]>();
  for (const { tier, chosen: by } of tiers) if (by) chosen.set(by.model, [...(chosen.get(by.model) ?? []), tier]);
  return frontier.map((each) => {
    const of = chosen.get(each.model);
    const usd = perMillion(each.blended_usd_per_token);
    if (of === undefined) return { name: each.model, usd, score: each.quality, kind: 0 };
    return { name: `${each.model} (${of.join(", ")})`, usd, score: each.quality, kind: 1 };
  });
}

export function Frontier() {
  const compared = useAnswer("compare", (signal) => call("get", ROUTE, {}, signal));
  return (
    <>
      <Toolbar>
        <CopyAsCurl request={{ verb: "get", address: addressOf(ROUTE) }} />
      </Toolbar>
      <Loaded asking={compared} what="the frontier">
        {(data) => (
          <>
            {data.frontier.length > 0 && (
              <ScatterPlot
                title="Quality over price: nothing is better and cheaper than these"
                across="USD a million tokens, blended"
                up="quality"
                kinds={["on the frontier", "chosen by a tier of yours"]}
                points={pointsOf(data)}
              />
            )}
            <Table
              caption="Tiers and what each chooses for you"
              columns={OF_TIERS}
              rows={data.tiers}
              keyOf={(row) => row.tier}
              empty="There is no tier."
              file="tiers"
            />
            <Table
              caption="Models on the frontier"
              columns={OF_FRONTIER}
              rows={data.frontier}
              keyOf={(row) => row.model}
              empty="No model has both a price and a rating."
              file="frontier"
            />
            <p class="quiet">{data.attribution}</p>
          </>
        )}
      </Loaded>
    </>
  );
}
