/** The tenant's provider keys: how each fares and why, tests, rotations, and new ones. A key goes in and never comes out. */

import { useState } from "preact/hooks";
import { setParams, useAddress, useTenant } from "../../address";
import { addressOf, allPages, call, type ItemOf } from "../../api/client";
import { useAnswer } from "../../api/use-answer";
import type { PageProps } from "../../pages";
import { CopyAsCurl } from "../../parts/actions";
import { Instant, instantText } from "../../parts/amount";
import { Tick, Toolbar } from "../../parts/controls";
import { Loaded } from "../../parts/states";
import { type Column, Table } from "../../parts/table";
import { may } from "../../session";
import { NewKey, Rotation } from "./key-forms";

export const KEYS = "/api/byok/keys";
const TEST = "/api/byok/keys/{key_id}/test";
const MOST = 1_000;
export type Key = ItemOf<typeof KEYS>;

type State = "asked" | { readonly failed: string };

function toneOf(key: Key): string {
  if (key.deleted_at) return "quiet";
  return key.status === "valid" ? "good" : key.status === "untested" ? "quiet" : "bad";
}

function stateText(key: Key): string {
  return key.deleted_at ? "deleted" : key.status;
}

function reasonText(key: Key): string {
  return [key.status_reason, key.last_test && `last test: ${key.last_test.detail}`].filter(Boolean).join("; ");
}

function columnsOf(actions: Column<Key>["cell"] | null): Column<Key>[] {
  return [
    { key: "provider", title: "Provider", width: 110, cell: (row) => row.provider, text: (row) => row.provider },
    { key: "label", title: "Label", width: 130, cell: (row) => row.label ?? "–", text: (row) => row.label ?? "" },
    { key: "last4", title: "Ends in", width: 80, cell: (row) => <code>…{row.last4}</code>, text: (row) => row.last4 },
    {
      key: "status",
      title: "Status",
      width: 110,
      cell: (row) => <span class={toneOf(row)}>{stateText(row)}</span>,
      text: stateText,
    },
    ...(actions ? [{ key: "actions", title: "Do", width: 165, cell: actions, text: () => "" }] : []),
    {
      key: "reason",
      title: "Why",
      width: 260,
      cell: (row) => <span title={reasonText(row)}>{reasonText(row) || "–"}</span>,
      text: reasonText,
    },
    {
      key: "status_at",
      title: "Since (UTC)",
      width: 170,
      cell: (row) => <Instant value={row.status_at} />,
      text: (row) => (row.status_at ? instantText(row.status_at) : ""),
    },
    {
      key: "rotated_at",
      title: "Rotated (UTC)",
      width: 170,
      cell: (row) => <Instant value={row.rotated_at} />,
      text: (row) => (row.rotated_at ? instantText(row.rotated_at) : ""),
    },
    {
      key: "allowed_models",
      title: "For models",
      width: 160,
      cell: (row) => row.allowed_models?.join(", ") ?? "any",
      text: (row) => row.allowed_models?.join(" ") ?? "",
    },
    { key: "id", title: "Id", width: 250, cell: (row) => <code>{row.id}</code>, text: (row) => row.id },
  ];
}

export function Keys({ caller }: PageProps) {
  const { params } = useAddress();
  const tenant = useTenant();
  const query = { ...tenant, include_deleted: params.get("deleted") === "yes" };
  const address = addressOf(KEYS, {}, query);
  const keys = useAnswer(address, (signal) => allPages(KEYS, query, MOST, signal));
  const [states, setStates] = useState<Readonly<Record<string, State>>>({});
  // Another tenant's keys are put in and tried by its own people alone.
  const mayChange = may(caller, "keys:write") && !tenant.tenant;
  const note = (id: string, state: State | null) =>
    setStates(({ [id]: _, ...rest }) => (state === null ? rest : { ...rest, [id]: state }));
  const test = async (id: string) => {
    note(id, "asked");
    try {
      await call("post", TEST, { path: { key_id: id } });
      note(id, null);
      keys.again();
    } catch (error) {
      note(id, { failed: error instanceof Error ? error.message : "The test failed." });
    }
  };
  const actions = (row: Key) =>
    row.deleted_at ? null : (
      <>
        <button type="button" disabled={states[row.id] === "asked"} onClick={() => test(row.id)}>
          {states[row.id] === "asked" ? "Testing…" : "Test"}
        </button>{" "}
        <button type="button" onClick={() => setParams({ rotate: row.id })}>
          Rotate
        </button>
      </>
    );
  const failed = Object.values(states).filter((each) => each !== "asked");
  return (
    <>
      <Toolbar>
        <Tick label="With deleted ones" param="deleted" />
        <CopyAsCurl request={{ verb: "get", address }} />
      </Toolbar>
      <Loaded asking={keys} what="provider keys">
        {({ items }) => {
          const rotated = mayChange ? items.find((each) => each.id === params.get("rotate")) : undefined;
          return (
            <>
              <Table
                caption="Provider keys"
                columns={columnsOf(mayChange ? actions : null)}
                rows={items}
                keyOf={(row) => row.id}
                empty="No key is stored: nothing can be called yet."
                file="provider-keys"
              />
              {failed.map(({ failed: message }) => (
                <p key={message} class="failed" role="alert">
                  {message}
                </p>
              ))}
              {rotated && <Rotation key={rotated.id} of={rotated} onDone={keys.again} />}
              {mayChange && <NewKey onDone={keys.again} />}
            </>
          );
        }}
      </Loaded>
    </>
  );
}
