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
const MODEL = "/api/llm-registry/models/{model}";
type Rates = Readonly<Record<string, string | null>>;
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

/** The frontier by blended rates, and every tier's choice, which may lie beneath it: free models count, keys do not. */
function pointsOf({ frontier, tiers }: Compared, rates: Rates): Point[] {
  const chosen = new Map<string, { score: number; tiers: string[] }>();
  for (const { tier, chosen: by } of tiers) {
    if (by) chosen.set(by.model, { score: by.quality, tiers: [...(chosen.get(by.model)?.tiers ?? []), tier] });
  }
  const on = new Set(frontier.map((each) => each.model));
  const nameOf = (model: string) => `${model}${chosen.has(model) ? ` (${chosen.get(model)?.tiers.join(", ")})` : ""}`;
  const points = frontier.map((each) => ({
    name: nameOf(each.model),
    usd: perMillion(each.blended_usd_per_token),
    score: each.quality,
    kind: chosen.has(each.model) ? 1 : 0,
    isOnLine: true,
  }));
  const beneath = [...chosen].flatMap(([model, { score }]) => {
    const rate = rates[model];
    if (on.has(model) || !rate) return [];
    return [{ name: nameOf(model), usd: perMillion(rate), score, kind: 1, isOnLine: false }];
  });
  return [...beneath, ...points];
}

/** The comparison, with the blended rates of the models that tiers choose. */
async function compared(signal: AbortSignal): Promise<{ data: Compared; rates: Rates }> {
  const data = await call("get", ROUTE, {}, signal);
  const models = [...new Set(data.tiers.flatMap((each) => each.chosen?.model ?? []))];
  const rates = models.map(async (model): Promise<[string, string | null]> => {
    const found = await call("get", MODEL, { path: { model } }, signal);
    return [model, found.price?.blended_usd_per_token ?? null];
  });
  return { data, rates: Object.fromEntries(await Promise.all(rates)) };
}

export function Frontier() {
  const asking = useAnswer("compare", compared);
  return (
    <>
      <Toolbar>
        <CopyAsCurl request={{ verb: "get", address: addressOf(ROUTE) }} />
      </Toolbar>
      <Loaded asking={asking} what="the frontier">
        {({ data, rates }) => (
          <>
            {data.frontier.length > 0 && (
              <ScatterPlot
                title="Quality over price: nothing is better and cheaper than these"
                across="USD a million tokens, blended"
                up="quality"
                kinds={["on the frontier", "chosen by a tier of yours"]}
                points={pointsOf(data, rates)}
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
