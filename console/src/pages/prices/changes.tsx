/** What happened to prices, newest first. */

import { href, useAddress } from "../../address";
import { addressOf, allPages, type ItemOf, type Query } from "../../api/client";
import { useAnswer } from "../../api/use-answer";
import { CopyAsCurl } from "../../parts/actions";
import { Instant, instantText } from "../../parts/amount";
import { ChoiceFilter, TextFilter, Toolbar } from "../../parts/controls";
import { Loaded } from "../../parts/states";
import { type Column, Table } from "../../parts/table";

const ROUTE = "/api/ai/pricing/changes";
const MOST = 2_000;
const KINDS = ["added", "removed", "price", "deprecation", "quarantined"] as const;
type Event = ItemOf<typeof ROUTE>;

/** A change in a line: each rate that is another one now, with both. */
export function changeText(event: Event): string {
  if (event.reason) return event.reason;
  const keys = [...new Set([...Object.keys(event.before), ...Object.keys(event.after)])];
  const said = (value: unknown) =>
    value === undefined ? "nothing" : typeof value === "string" ? value : JSON.stringify(value);
  return keys
    .filter((key) => event.before[key] !== event.after[key])
    .map((key) => `${key}: ${said(event.before[key])} → ${said(event.after[key])}`)
    .join("; ");
}

const COLUMNS: readonly Column<Event>[] = [
  {
    key: "at",
    title: "At (UTC)",
    width: 180,
    cell: (row) => <Instant value={row.at} />,
    text: (row) => instantText(row.at),
  },
  { key: "kind", title: "What", width: 110, cell: (row) => row.kind, text: (row) => row.kind },
  {
    key: "model",
    title: "Model",
    width: 280,
    cell: (row) => (row.model ? <a href={href("prices", { model: row.model })}>{row.model}</a> : "–"),
    text: (row) => row.model ?? "",
  },
  { key: "source", title: "Source", width: 110, cell: (row) => row.source, text: (row) => row.source },
  {
    key: "change",
    title: "Change, USD",
    width: 520,
    cell: (row) => <span title={changeText(row)}>{changeText(row)}</span>,
    text: changeText,
  },
];

export function Changes() {
  const { params } = useAddress();
  const kind = KINDS.find((each) => each === params.get("kind"));
  const query: Query<typeof ROUTE> = { ...(kind && { kind }), provider: params.get("provider") };
  const address = addressOf(ROUTE, {}, query);
  const events = useAnswer(address, (signal) => allPages(ROUTE, query, MOST, signal));
  return (
    <>
      <Toolbar>
        <ChoiceFilter label="What" param="kind" all="all" choices={KINDS} />
        <TextFilter label="Provider" param="provider" placeholder="openai" />
        <CopyAsCurl request={{ verb: "get", address }} />
      </Toolbar>
      <Loaded asking={events} what="changes">
        {({ items, more }) => (
          <>
            <Table
              caption="Price changes, newest first"
              columns={COLUMNS}
              rows={items}
              keyOf={(row) => `${row.at}${row.kind}${row.model}${row.source}${row.reason}`}
              empty="Nothing has changed yet: prices are those that came with the package, or of one refresh."
              file="price-changes"
            />
            {more && <p class="quiet">The newest {MOST.toLocaleString("en")}; the API has the rest.</p>}
          </>
        )}
      </Loaded>
    </>
  );
}
