/** Issuing a service key: its scopes, its label, its end, its limits; the key itself is shown this once. */

import { useState } from "preact/hooks";
import { useTenant } from "../../address";
import { addressOf, type Body, call, type Data } from "../../api/client";
import { CopyAsCurl } from "../../parts/actions";
import { Toolbar } from "../../parts/controls";
import { Failed } from "../../parts/states";
import type { Caller, Scope } from "../../session";

const ROUTE = "/api/byok/service-keys";
const SCOPES: readonly Scope[] = [
  "chat",
  "usage:read",
  "keys:read",
  "keys:write",
  "prefs:write",
  "budgets:write",
  "catalog:write",
  "admin",
];
type Wanted = Body<typeof ROUTE, "post">;

function wantedOf(form: FormData, tenant: { tenant?: string }): Wanted {
  const text = (name: string) => String(form.get(name) ?? "").trim();
  const limit = (name: string) => (text(name) === "" ? null : Number(text(name)));
  return {
    scopes: SCOPES.filter((each) => form.getAll("scopes").includes(each)),
    label: text("label") || null,
    expires_at: text("expires_at") ? `${text("expires_at")}T00:00:00Z` : null,
    requests_per_minute: limit("requests_per_minute"),
    tokens_per_minute: limit("tokens_per_minute"),
    ...tenant,
  };
}

export function NewServiceKey({ caller, onDone }: { caller: Caller; onDone: () => void }) {
  const tenant = useTenant();
  const [issued, setIssued] = useState<Data<typeof ROUTE, "post"> | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  // The operator gives any scope; others only those that their own key has.
  const offered = SCOPES.filter((each) => caller.is_operator || caller.scopes.includes(each));
  const issue = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    setFailure(null);
    setIssued(null);
    try {
      setIssued(await call("post", ROUTE, { body: wantedOf(new FormData(form), tenant) }));
      form.reset();
      onDone();
    } catch (error) {
      setFailure(error);
    }
  };
  return (
    <section class="card attempt">
      <h2>Issue a service key{tenant.tenant && ` of ${tenant.tenant}`}</h2>
      <form class="stack" onSubmit={issue}>
        <fieldset class="toolbar plain">
          <legend class="quiet">It may</legend>
          {offered.map((each) => (
            <label key={each} class="tickable">
              <input type="checkbox" name="scopes" value={each} defaultChecked={each === "chat"} />
              {each}
            </label>
          ))}
        </fieldset>
        <Toolbar>
          <label class="filter">
            Label
            <input name="label" autoComplete="off" />
          </label>
          <label class="filter">
            Expires (UTC)
            <input name="expires_at" type="date" />
          </label>
          <label class="filter">
            Requests a minute
            <input name="requests_per_minute" type="number" min="1" step="1" />
          </label>
          <label class="filter">
            Tokens a minute
            <input name="tokens_per_minute" type="number" min="1" step="1" />
          </label>
          <button type="submit" class="primary">
            Issue
          </button>
          <CopyAsCurl request={{ verb: "post", address: addressOf(ROUTE), body: { scopes: ["chat"], ...tenant } }} />
        </Toolbar>
      </form>
      {issued && (
        <p role="status">
          Copy it now, it is not shown again: <code class="whole">{issued.service_key}</code>
        </p>
      )}
      {failure !== null && <Failed error={failure} />}
    </section>
  );
}
