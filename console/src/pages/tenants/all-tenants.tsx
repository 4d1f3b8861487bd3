/** The tenants that the caller administers: all of them for the operator, with what each spent in 30 days. */

import { useState } from "preact/hooks";
import { href, setParams, useAddress } from "../../address";
import { addressOf, allPages, call, type ItemOf } from "../../api/client";
import { useAnswer } from "../../api/use-answer";
import { compare, decimal } from "../../exact/decimal";
import type { PageProps } from "../../pages";
import { CopyAsCurl } from "../../parts/actions";
import { Count, Instant, instantText, Usd } from "../../parts/amount";
import { Toolbar } from "../../parts/controls";
import { Failed, Loaded } from "../../parts/states";
import { type Column, Table } from "../../parts/table";
import { may } from "../../session";

const TENANTS = "/api/byok/tenants";
const USAGE = "/api/byok/usage/tenants";
const MOST = 5_000;
type Tenant = ItemOf<typeof TENANTS>;
type Spent = ItemOf<typeof USAGE>;

interface Row {
  readonly tenant: Tenant;
  readonly spent: Spent | null;
}

function stateText({ tenant }: Row): string {
  return tenant.deleted_at ? "deleted" : tenant.is_operator ? "operator" : "active";
}

function bySum(of: (spent: Spent) => string | number) {
  const sum = (row: Row) => decimal(row.spent ? of(row.spent) : "-1");
  return (a: Row, b: Row) => compare(sum(a), sum(b));
}

const COLUMNS: readonly Column<Row>[] = [
  {
    key: "name",
    title: "Name",
    width: 200,
    cell: ({ tenant }) => <a href={href("", { tenant: tenant.is_operator ? null : tenant.id })}>{tenant.name}</a>,
    text: ({ tenant }) => tenant.name,
  },
  { key: "id", title: "Id", width: 250, cell: (row) => <code>{row.tenant.id}</code>, text: (row) => row.tenant.id },
  { key: "state", title: "State", width: 100, cell: stateText, text: stateText },
  {
    key: "cost_usd",
    title: "Spent, 30 days",
    width: 150,
    isNumber: true,
    cell: (row) => <Usd value={row.spent?.cost_usd} />,
    text: (row) => row.spent?.cost_usd ?? "",
    order: bySum((spent) => spent.cost_usd),
  },
  {
    key: "calls",
    title: "Calls",
    width: 90,
    isNumber: true,
    cell: (row) => <Count value={row.spent?.calls} />,
    text: (row) => String(row.spent?.calls ?? ""),
    order: bySum((spent) => spent.calls),
  },
  {
    key: "time_zone",
    title: "Time zone",
    width: 140,
    cell: (row) => row.tenant.time_zone,
    text: (row) => row.tenant.time_zone,
  },
  {
    key: "hash_end_users",
    title: "End users",
    width: 110,
    cell: (row) => (row.tenant.hash_end_users ? "as hashes" : "by name"),
    text: (row) => (row.tenant.hash_end_users ? "hashes" : "names"),
  },
  {
    key: "created_at",
    title: "Made (UTC)",
    width: 170,
    cell: (row) => <Instant value={row.tenant.created_at} />,
    text: (row) => instantText(row.tenant.created_at),
  },
];

export function AllTenants({ caller }: PageProps) {
  const { params } = useAddress();
  const seesUsage = caller.is_operator && may(caller, "usage:read");
  const asking = useAnswer("all tenants", async (signal): Promise<Row[]> => {
    const [tenants, usage] = await Promise.all([
      allPages(TENANTS, {}, MOST, signal),
      seesUsage ? allPages(USAGE, {}, MOST, signal) : { items: [] },
    ]);
    const spent = new Map(usage.items.map((each) => [each.tenant, each]));
    return tenants.items.map((tenant) => ({ tenant, spent: spent.get(tenant.id) ?? null }));
  });
  return (
    <>
      <Toolbar>
        <CopyAsCurl request={{ verb: "get", address: addressOf(seesUsage ? USAGE : TENANTS) }} />
      </Toolbar>
      <Loaded asking={asking} what="tenants">
        {(rows) => (
          <Table
            caption="Tenants"
            columns={COLUMNS}
            rows={rows}
            keyOf={(row) => row.tenant.id}
            sort={params.get("sort") ?? "name"}
            onSort={(sort) => setParams({ sort })}
            empty="There is no tenant."
            file="tenants"
          />
        )}
      </Loaded>
      {caller.is_operator && <NewTenant onDone={asking.again} />}
    </>
  );
}

function NewTenant({ onDone }: { onDone: () => void }) {
  const [failure, setFailure] = useState<unknown>(null);
  const [made, setMade] = useState<Tenant | null>(null);
  const make = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const given = new FormData(form);
    setFailure(null);
    try {
      const time_zone = String(given.get("time_zone")).trim() || "UTC";
      setMade(await call("post", TENANTS, { body: { name: String(given.get("name")), time_zone } }));
      form.reset();
      onDone();
    } catch (error) {
      setFailure(error);
    }
  };
  return (
    <section class="card attempt">
      <h2>Make a tenant</h2>
      <form onSubmit={make}>
        <Toolbar>
          <label class="filter">
            Name
            <input name="name" required autoComplete="off" />
          </label>
          <label class="filter">
            Time zone of its budgets
            <input name="time_zone" placeholder="UTC" autoComplete="off" />
          </label>
          <button type="submit" class="primary">
            Make
          </button>
          <CopyAsCurl
            request={{ verb: "post", address: addressOf(TENANTS), body: { name: "Research", time_zone: "UTC" } }}
          />
        </Toolbar>
      </form>
      {made && (
        <p role="status">
          Made <code>{made.id}</code>. <a href={href("tenants", { tab: "keys", tenant: made.id })}>Its service keys</a>{" "}
          come next.
        </p>
      )}
      {failure !== null && <Failed error={failure} />}
    </section>
  );
}
