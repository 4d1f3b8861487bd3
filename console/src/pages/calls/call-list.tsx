/** Ledger rows by every filter that the API has, newest first, and followed live. */

import { useEffect } from "preact/hooks";
import { href, setParams, useAddress, useTenant } from "../../address";
import { addressOf, call, type ItemOf, type Query } from "../../api/client";
import { useAnswer } from "../../api/use-answer";
import { CopyAsCurl } from "../../parts/actions";
import { Count, Instant, instantText, Milliseconds, Usd } from "../../parts/amount";
import { ChoiceFilter, TextFilter, Toolbar } from "../../parts/controls";
import { Loaded } from "../../parts/states";
import { type Column, Table } from "../../parts/table";

const ROUTE = "/api/byok/usage/calls";
const FOLLOWED_EVERY_MS = 2_000;
const STATUSES = ["succeeded", "failed", "refused", "cancelled", "swept", "correction", "pending"] as const;
const TIERS = ["micro", "standard", "versatile", "heavy", "complex"];
const TEXTS = ["model", "provider", "key", "user", "session", "min_cost_usd", "min_latency_ms"] as const;
type Row = ItemOf<typeof ROUTE>;

function unitsText(row: Row): string {
  return Object.entries(row.units)
    .map(([unit, count]) => `${unit} ${count}`)
    .join(", ");
}

function tagsText(row: Row): string {
  return Object.entries(row.tags)
    .map(([name, value]) => `${name}=${value}`)
    .join(", ");
}

const COLUMNS: readonly Column<Row>[] = [
  {
    key: "at",
    title: "At (UTC)",
    width: 170,
    cell: (row) => (
      <a href={href("calls", { call: row.call_id })}>
        <Instant value={row.at} />
      </a>
    ),
    text: (row) => instantText(row.at),
  },
  { key: "model", title: "Model", width: 230, cell: (row) => row.model, text: (row) => row.model },
  {
    key: "model_asked",
    title: "Asked for",
    width: 150,
    cell: (row) => row.model_asked,
    text: (row) => row.model_asked,
  },
  {
    key: "status",
    title: "Status",
    width: 100,
    cell: (row) => <span class={row.status === "succeeded" ? "good" : "warn"}>{row.status}</span>,
    text: (row) => row.status,
  },
  {
    key: "cost_usd",
    title: "Cost",
    width: 140,
    isNumber: true,
    cell: (row) => <Usd value={row.cost_usd} />,
    text: (row) => row.cost_usd,
  },
  {
    key: "latency_ms",
    title: "Latency",
    width: 95,
    isNumber: true,
    cell: (row) => <Milliseconds value={row.latency_ms} />,
    text: (row) => String(row.latency_ms ?? ""),
  },
  { key: "units", title: "Units", width: 190, cell: unitsText, text: unitsText },
  { key: "tier", title: "Tier", width: 80, cell: (row) => row.tier ?? "–", text: (row) => row.tier ?? "" },
  { key: "service_key", title: "Key", width: 120, cell: (row) => row.service_key, text: (row) => row.service_key },
  { key: "user", title: "End user", width: 110, cell: (row) => row.user ?? "–", text: (row) => row.user ?? "" },
  { key: "tags", title: "Tags", width: 150, cell: (row) => tagsText(row) || "–", text: tagsText },
  { key: "call_id", title: "Call", width: 230, cell: (row) => <code>{row.call_id}</code>, text: (row) => row.call_id },
  {
    key: "attempt",
    title: "Attempt",
    width: 80,
    isNumber: true,
    cell: (row) => <Count value={row.attempt} />,
    text: (row) => row.attempt,
  },
];

export function CallList() {
  const { params } = useAddress();
  const query: Record<string, unknown> = { limit: 200, ...useTenant() };
  for (const name of [...TEXTS, "status", "tier", "tag"]) query[name] = params.get(name) ?? undefined;
  const address = addressOf(ROUTE, {}, query);
  const calls = useAnswer(address, (signal) => call("get", ROUTE, { query: query as Query<typeof ROUTE> }, signal));
  const isLive = params.get("live") === "yes";
  const { again } = calls;
  useEffect(() => {
    if (!isLive) return;
    const following = setInterval(again, FOLLOWED_EVERY_MS);
    return () => clearInterval(following);
  }, [isLive, again]);
  return (
    <>
      <Toolbar>
        <TextFilter label="Model" param="model" placeholder="openai/gpt-4o" />
        <TextFilter label="Provider" param="provider" placeholder="openai" />
        <ChoiceFilter label="Status" param="status" all="all" choices={STATUSES} />
        <ChoiceFilter label="Tier" param="tier" all="all" choices={TIERS} />
        <TextFilter label="Service key" param="key" placeholder="its id" />
        <TextFilter label="End user" param="user" />
        <TextFilter label="Session" param="session" />
        <TextFilter label="Tag" param="tag" placeholder="team=search" />
        <TextFilter label="Cost at least, $" param="min_cost_usd" placeholder="0.01" />
        <TextFilter label="Latency at least, ms" param="min_latency_ms" placeholder="1000" />
        <button type="button" aria-pressed={isLive} onClick={() => setParams({ live: isLive ? null : "yes" })}>
          {isLive ? "Stop following" : "Follow live"}
        </button>
        <CopyAsCurl request={{ verb: "get", address }} />
      </Toolbar>
      <Loaded asking={calls} what="calls">
        {(data) => (
          <>
            <Table
              caption="Calls, newest first"
              columns={COLUMNS}
              rows={data.items}
              keyOf={(row) => row.call_id + row.attempt}
              empty="No call of the last 30 days is like that."
              file="calls"
            />
            {data.next_cursor && <p class="quiet">The newest 200; the API has the rest, page by page.</p>}
          </>
        )}
      </Loaded>
    </>
  );
}
