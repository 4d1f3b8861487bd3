/** The audit log: every change of what the tenant has, and each look of the operator's, newest first. */

import { useAddress, useTenant } from "../../address";
import { addressOf, allPages, type ItemOf } from "../../api/client";
import { useAnswer } from "../../api/use-answer";
import { CopyAsCurl } from "../../parts/actions";
import { Instant, instantText } from "../../parts/amount";
import { TextFilter, Toolbar } from "../../parts/controls";
import { Loaded } from "../../parts/states";
import { type Column, Table } from "../../parts/table";

const ROUTE = "/api/byok/audit";
const MOST = 2_000;
type Entry = ItemOf<typeof ROUTE>;

const COLUMNS: readonly Column<Entry>[] = [
  {
    key: "at",
    title: "At (UTC)",
    width: 170,
    cell: (row) => <Instant value={row.at} />,
    text: (row) => instantText(row.at),
  },
  {
    key: "actor",
    title: "Who",
    width: 200,
    cell: (row) => (
      <>
        {row.actor}
        {row.by_operator && <span class="badge">operator</span>}
      </>
    ),
    text: (row) => row.actor,
  },
  { key: "action", title: "Did", width: 190, cell: (row) => row.action, text: (row) => row.action },
  {
    key: "subject",
    title: "To what",
    width: 330,
    cell: (row) => <span title={row.subject}>{row.subject}</span>,
    text: (row) => row.subject,
  },
  { key: "origin", title: "From", width: 140, cell: (row) => row.origin ?? "–", text: (row) => row.origin ?? "" },
  {
    key: "service_key",
    title: "With the key",
    width: 140,
    cell: (row) => <code>{row.service_key}</code>,
    text: (row) => row.service_key,
  },
];

export function Audit() {
  const { params } = useAddress();
  const words = (params.get("q") ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  const query = useTenant();
  const address = addressOf(ROUTE, {}, query);
  const entries = useAnswer(address, (signal) => allPages(ROUTE, query, MOST, signal));
  const isWanted = (row: Entry) => {
    const text = `${row.actor} ${row.action} ${row.subject} ${row.origin ?? ""} ${row.service_key}`.toLowerCase();
    return words.every((word) => text.includes(word));
  };
  return (
    <>
      <Toolbar>
        <TextFilter label="Words" param="q" placeholder="who, what, to what" />
        <CopyAsCurl request={{ verb: "get", address }} />
      </Toolbar>
      <Loaded asking={entries} what="the audit log">
        {({ items, more }) => (
          <>
            <Table
              caption="Audit log, newest first"
              columns={COLUMNS}
              rows={items.filter(isWanted)}
              keyOf={(row) => row.id}
              empty="No entry is like that."
              file="audit"
            />
            {more && <p class="quiet">The newest {MOST.toLocaleString("en")}; the API has the rest.</p>}
          </>
        )}
      </Loaded>
    </>
  );
}
