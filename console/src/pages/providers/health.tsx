/** Providers' health of the last five minutes, and their circuits as this caller's calls meet them. */

import { useEffect } from "preact/hooks";
import { href, setParams, useAddress } from "../../address";
import { addressOf, call, type ItemOf } from "../../api/client";
import { useAnswer } from "../../api/use-answer";
import { decimal, percent } from "../../exact/decimal";
import { CopyAsCurl } from "../../parts/actions";
import { Count, Milliseconds } from "../../parts/amount";
import { Toolbar } from "../../parts/controls";
import { Loaded } from "../../parts/states";
import { type Column, Table } from "../../parts/table";

const ROUTE = "/api/llm-registry/provider-health";
const FOLLOWED_EVERY_MS = 5_000;
type Provider = ItemOf<typeof ROUTE>;
type Model = Provider["models"][number];

function toneOf(state: Provider["state"]): string {
  return state === "healthy" ? "good" : state === "unknown" ? "quiet" : "warn";
}

function rateText(rate: number | null): string {
  return rate === null ? "–" : `${percent(decimal(rate), decimal(1))} %`;
}

/** The columns that providers and models share. */
function figures<Row extends Provider | Model>(): Column<Row>[] {
  return [
    {
      key: "state",
      title: "Health",
      width: 110,
      cell: (row) => <span class={toneOf(row.state)}>{row.state}</span>,
      text: (row) => row.state,
    },
    {
      key: "breaker",
      title: "Circuit",
      width: 90,
      cell: (row) => <span class={row.breaker === "open" ? "bad" : undefined}>{row.breaker}</span>,
      text: (row) => row.breaker,
    },
    {
      key: "calls",
      title: "Calls",
      width: 80,
      isNumber: true,
      cell: (row) => <Count value={row.calls} />,
      text: (row) => String(row.calls),
      order: (a, b) => a.calls - b.calls,
    },
    {
      key: "success_rate",
      title: "Answered",
      width: 95,
      isNumber: true,
      cell: (row) => rateText(row.success_rate),
      text: (row) => String(row.success_rate ?? ""),
      order: (a, b) => (a.success_rate ?? -1) - (b.success_rate ?? -1),
    },
    ...(["p50", "p95"] as const).map(
      (each): Column<Row> => ({
        key: `latency_ms_${each}`,
        title: `Latency, ${each}`,
        width: 115,
        isNumber: true,
        cell: (row) => <Milliseconds value={row.latency_ms[each]} />,
        text: (row) => String(row.latency_ms[each] ?? ""),
        order: (a, b) => (a.latency_ms[each] ?? -1) - (b.latency_ms[each] ?? -1),
      }),
    ),
    {
      key: "first_token_ms_p95",
      title: "First token, p95",
      width: 130,
      isNumber: true,
      cell: (row) => <Milliseconds value={row.first_token_ms.p95} />,
      text: (row) => String(row.first_token_ms.p95 ?? ""),
      order: (a, b) => (a.first_token_ms.p95 ?? -1) - (b.first_token_ms.p95 ?? -1),
    },
  ];
}

const OF_PROVIDERS: readonly Column<Provider>[] = [
  { key: "provider", title: "Provider", width: 140, cell: (row) => row.provider, text: (row) => row.provider },
  ...figures<Provider>(),
  {
    key: "rate_limited",
    title: "Rate limited",
    width: 110,
    isNumber: true,
    cell: (row) => <Count value={row.rate_limited} />,
    text: (row) => String(row.rate_limited),
  },
];

const OF_MODELS: readonly Column<Model>[] = [
  {
    key: "model",
    title: "Model",
    width: 260,
    cell: (row) => <a href={href("prices", { model: row.model })}>{row.model}</a>,
    text: (row) => row.model,
  },
  ...figures<Model>(),
];

export function Health() {
  const { params } = useAddress();
  const health = useAnswer("health", (signal) => call("get", ROUTE, {}, signal));
  const isLive = params.get("live") === "yes";
  const { again } = health;
  useEffect(() => {
    if (!isLive) return;
    const following = setInterval(again, FOLLOWED_EVERY_MS);
    return () => clearInterval(following);
  }, [isLive, again]);
  return (
    <>
      <Toolbar>
        <button type="button" aria-pressed={isLive} onClick={() => setParams({ live: isLive ? null : "yes" })}>
          {isLive ? "Stop following" : "Follow live"}
        </button>
        <CopyAsCurl request={{ verb: "get", address: addressOf(ROUTE) }} />
      </Toolbar>
      <Loaded asking={health} what="the providers' health">
        {({ items }) => (
          <>
            <Table
              caption="Providers in the last five minutes"
              columns={OF_PROVIDERS}
              rows={items}
              keyOf={(row) => row.provider}
              sort={params.get("sort") ?? "provider"}
              onSort={(sort) => setParams({ sort })}
              empty="There is no provider."
              file="provider-health"
            />
            <h2>Models that were called</h2>
            <Table
              caption="Models that were called in the last five minutes"
              columns={OF_MODELS}
              rows={items.flatMap((each) => each.models)}
              keyOf={(row) => row.model}
              empty="None was called in the last five minutes: what is not called has no health of its own."
              file="model-health"
            />
          </>
        )}
      </Loaded>
    </>
  );
}
