/** Whose pages the operator looks at: its own tenant's, or another's, which stands in the address. */

import { setParams, TENANT, useTenant } from "./address";
import { allPages } from "./api/client";
import { useAnswer } from "./api/use-answer";

const MOST = 5_000;

export function TenantChoice({ own }: { own: string }) {
  const { tenant = "" } = useTenant();
  const tenants = useAnswer(`tenants beside ${tenant}`, (signal) => allPages("/api/byok/tenants", {}, MOST, signal));
  const known = tenants.answer.state === "there" ? tenants.answer.data.items : [];
  const others = known.filter((each) => each.id !== own);
  if (others.length === 0 && tenant === "") return null;
  return (
    <label class="looked-at" title="Each look at another tenant stands in its audit log">
      <span class="quiet">looks at</span>
      <select value={tenant} onChange={(event) => setParams({ [TENANT]: event.currentTarget.value })}>
        <option value="">itself</option>
        {tenant !== "" && !others.some((each) => each.id === tenant) && <option value={tenant}>{tenant}</option>}
        {others.map((each) => (
          <option key={each.id} value={each.id}>
            {each.name}
            {each.deleted_at && " (deleted)"}
          </option>
        ))}
      </select>
    </label>
  );
}
