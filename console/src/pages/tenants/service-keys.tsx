/** A tenant's service keys: what each may do and when it was used, issuing and revoking. A key is shown once, when it is issued. */

import { useState } from "preact/hooks";
import { setParams, useAddress, useTenant } from "../../address";
import { addressOf, allPages, call, type ItemOf } from "../../api/client";
import { useAnswer } from "../../api/use-answer";
import type { PageProps } from "../../pages";
import { CopyAsCurl } from "../../parts/actions";
import { Instant, instantText } from "../../parts/amount";
import { Tick, Toolbar } from "../../parts/controls";
import { Failed, Loaded } from "../../parts/states";
import { type Column, Table } from "../../parts/table";
import { NewServiceKey } from "./new-service-key";

const ROUTE = "/api/byok/service-keys";
const REVOKE = "/api/byok/service-keys/{key_id}";
const MOST = 5_000;
type Key = ItemOf<typeof ROUTE>;

function stateText(key: Key): string {
  if (key.revoked_at) return "revoked";
  if (key.expires_at && Date.parse(key.expires_at) <= Date.now()) return "expired";
  return key.lapses_at ? "lapsing" : "active";
}

function limitText(key: Key): string {
  const parts: string[] = [];
  if (key.requests_per_minute !== null) parts.push(`${key.requests_per_minute} requests`);
  if (key.tokens_per_minute !== null) parts.push(`${key.tokens_per_minute} tokens`);
  return parts.join(", ");
}

function instant(key: "created_at" | "last_used_at" | "expires_at", title: string): Column<Key> {
  return {
    key,
    title,
    width: 170,
    cell: (row) => <Instant value={row[key]} />,
    text: (row) => (row[key] ? instantText(row[key]) : ""),
  };
}

function columnsOf(own: string, onRevoke: (key: Key) => void): Column<Key>[] {
  return [
    { key: "id", title: "Id", width: 140, cell: (row) => <code>{row.id}</code>, text: (row) => row.id },
    { key: "label", title: "Label", width: 160, cell: (row) => row.label ?? "–", text: (row) => row.label ?? "" },
    {
      key: "state",
      title: "State",
      width: 90,
      cell: (row) => <span class={stateText(row) === "active" ? "good" : "quiet"}>{stateText(row)}</span>,
      text: stateText,
    },
    {
      key: "actions",
      title: "Do",
      width: 100,
      cell: (row) =>
        row.revoked_at ? null : row.id === own ? (
          <span class="quiet">yours</span>
        ) : (
          <button type="button" onClick={() => onRevoke(row)}>
            Revoke
          </button>
        ),
      text: () => "",
    },
    {
      key: "scopes",
      title: "May",
      width: 260,
      cell: (row) => <span title={row.scopes.join(", ")}>{row.scopes.join(", ")}</span>,
      text: (row) => row.scopes.join(" "),
    },
    instant("last_used_at", "Last used (UTC)"),
    instant("created_at", "Issued (UTC)"),
    instant("expires_at", "Expires (UTC)"),
    { key: "limits", title: "A minute", width: 150, cell: (row) => limitText(row) || "–", text: limitText },
    { key: "person", title: "Person", width: 150, cell: (row) => row.person ?? "–", text: (row) => row.person ?? "" },
  ];
}

export function ServiceKeys({ caller }: PageProps) {
  const { params } = useAddress();
  const query = { ...useTenant(), ...(params.get("exchanged") === "yes" && { exchanged: true }) };
  const address = addressOf(ROUTE, {}, query);
  const keys = useAnswer(address, (signal) => allPages(ROUTE, query, MOST, signal));
  const [asked, setAsked] = useState<Key | null>(null);
  return (
    <>
      <Toolbar>
        <Tick label="Those that tokens were exchanged for" param="exchanged" />
        <CopyAsCurl request={{ verb: "get", address }} />
      </Toolbar>
      {asked && <Revocation key={asked.id} of={asked} onEnd={() => setAsked(null)} onDone={keys.again} />}
      <Loaded asking={keys} what="service keys">
        {({ items }) => (
          <Table
            caption="Service keys"
            columns={columnsOf(caller.service_key, setAsked)}
            rows={items}
            keyOf={(row) => row.id}
            sort={params.get("sort") ?? "-created_at"}
            onSort={(sort) => setParams({ sort })}
            empty="No key was issued."
            file="service-keys"
          />
        )}
      </Loaded>
      <NewServiceKey caller={caller} onDone={keys.again} />
    </>
  );
}

function Revocation({ of, onEnd, onDone }: { of: Key; onEnd: () => void; onDone: () => void }) {
  const [failure, setFailure] = useState<unknown>(null);
  const asked = { path: { key_id: of.id }, query: useTenant() };
  const revoke = async () => {
    setFailure(null);
    try {
      await call("delete", REVOKE, asked);
      onEnd();
      onDone();
    } catch (error) {
      setFailure(error);
    }
  };
  return (
    <section class="card attempt">
      <h2>
        Revoke <code>{of.id}</code>
        {of.label && `, ${of.label}`}
      </h2>
      <p>It opens nothing any more, within 5 seconds everywhere, and never again.</p>
      <Toolbar>
        <button type="button" class="primary" onClick={revoke}>
          Revoke it
        </button>
        <button type="button" onClick={onEnd}>
          Leave it
        </button>
        <CopyAsCurl request={{ verb: "delete", address: addressOf(REVOKE, asked.path, asked.query) }} />
      </Toolbar>
      {failure !== null && <Failed error={failure} />}
    </section>
  );
}
