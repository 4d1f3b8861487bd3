/** What the tenant wants of tiers: bounds, providers, amounts; shown to all, changed by those who may. */

import { useState } from "preact/hooks";
import { useTenant } from "../../address";
import { addressOf, type Body, call, type Data } from "../../api/client";
import { useAnswer } from "../../api/use-answer";
import type { PageProps } from "../../pages";
import { CopyAsCurl, DownloadCsv } from "../../parts/actions";
import { Failed, Loaded } from "../../parts/states";
import { may } from "../../session";

const ROUTE = "/api/cognitive-tiers/preferences";
const TIERS = ["micro", "standard", "versatile", "heavy", "complex"] as const;
const PREFER = ["cost", "balanced", "quality"] as const;
type Wanted = Body<typeof ROUTE, "put">;
type Found = Data<typeof ROUTE>;

function words(text: FormDataEntryValue | null): string[] {
  return String(text ?? "")
    .split(",")
    .map((each) => each.trim())
    .filter(Boolean);
}

/** The form as the route takes it; amounts stay the texts that were typed. */
function wantedOf(form: FormData): Wanted {
  const chosen = <T extends string>(name: string, among: readonly T[]): T =>
    among.find((each) => each === form.get(name)) ?? (among[0] as T);
  const amount = (name: string) => String(form.get(name) ?? "").trim() || null;
  return {
    enabled: form.get("enabled") !== null,
    default_tier: chosen("default_tier", TIERS),
    min_tier: chosen("min_tier", TIERS),
    max_tier: chosen("max_tier", TIERS),
    prefer: chosen("prefer", PREFER),
    preferred_providers: words(form.get("preferred_providers")),
    blocked_providers: words(form.get("blocked_providers")),
    max_cost_per_request_usd: amount("max_cost_per_request_usd"),
    monthly_budget_usd: amount("monthly_budget_usd"),
    cache_aware: form.get("cache_aware") !== null,
    auto_escalation: form.get("auto_escalation") !== null,
  };
}

export function Preferences({ caller }: PageProps) {
  const tenant = useTenant();
  const address = addressOf(ROUTE, {}, tenant);
  const preferences = useAnswer(address, (signal) => call("get", ROUTE, { query: tenant }, signal));
  return (
    <Loaded asking={preferences} what="the preferences">
      {(found) => (
        <Form
          key={JSON.stringify(found)}
          found={found}
          tenant={tenant}
          mayChange={may(caller, "prefs:write")}
          onDone={preferences.again}
        />
      )}
    </Loaded>
  );
}

interface FormProps {
  readonly found: Found;
  readonly tenant: { readonly tenant?: string };
  readonly mayChange: boolean;
  readonly onDone: () => void;
}

function Form({ found, tenant, mayChange, onDone }: FormProps) {
  const [failure, setFailure] = useState<unknown>(null);
  const [isSaving, setSaving] = useState(false);
  const save = async (event: SubmitEvent) => {
    event.preventDefault();
    setSaving(true);
    setFailure(null);
    try {
      const body = wantedOf(new FormData(event.currentTarget as HTMLFormElement));
      await call("put", ROUTE, { body, query: tenant });
      onDone();
    } catch (error) {
      setFailure(error);
    }
    setSaving(false);
  };
  const { is_default, ...body } = found;
  return (
    <form class="card stack" onSubmit={save}>
      <p class="quiet">
        {is_default ? "Nothing was set: these are what everybody begins with." : "Set by the tenant."}
      </p>
      <fieldset class="cards plain" disabled={!mayChange}>
        <legend class="visually-hidden">Preferences</legend>
        <Ticked name="enabled" title="auto and tiers may be asked for" checked={found.enabled} />
        <Choice name="default_tier" title="Where nothing says more" among={TIERS} value={found.default_tier} />
        <Choice name="min_tier" title="Never below" among={TIERS} value={found.min_tier} />
        <Choice name="max_tier" title="Never above" among={TIERS} value={found.max_tier} />
        <Choice name="prefer" title="Prefer" among={PREFER} value={found.prefer} />
        <Text name="preferred_providers" title="Preferred providers" value={found.preferred_providers.join(", ")} />
        <Text name="blocked_providers" title="Blocked providers" value={found.blocked_providers.join(", ")} />
        <Text name="max_cost_per_request_usd" title="A call at most, $" value={found.max_cost_per_request_usd ?? ""} />
        <Text name="monthly_budget_usd" title="A month at most, $" value={found.monthly_budget_usd ?? ""} />
        <Ticked name="cache_aware" title="Count what caches save" checked={found.cache_aware} />
        <Ticked
          name="auto_escalation"
          title="Go to a higher tier where an answer is none"
          checked={found.auto_escalation}
        />
      </fieldset>
      <div class="toolbar">
        {mayChange && (
          <button type="submit" class="primary" disabled={isSaving}>
            {isSaving ? "Saving…" : "Save"}
          </button>
        )}
        <CopyAsCurl request={{ verb: "put", address: addressOf(ROUTE, {}, tenant), body }} />
        <DownloadCsv
          name="tier-preferences"
          headings={["preference", "value"]}
          rows={() => Object.entries(body).map(([name, value]) => [name, value === null ? "" : String(value)])}
        />
      </div>
      {failure !== null && <Failed error={failure} />}
    </form>
  );
}

function Choice(props: { name: string; title: string; among: readonly string[]; value: string }) {
  return (
    <label class="filter">
      {props.title}
      <select name={props.name}>
        {props.among.map((each) => (
          <option key={each} value={each} selected={each === props.value}>
            {each}
          </option>
        ))}
      </select>
    </label>
  );
}

function Text({ name, title, value }: { name: string; title: string; value: string }) {
  return (
    <label class="filter">
      {title}
      <input name={name} defaultValue={value} autoComplete="off" />
    </label>
  );
}

function Ticked({ name, title, checked }: { name: string; title: string; checked: boolean }) {
  return (
    <label class="tickable">
      <input type="checkbox" name={name} defaultChecked={checked} />
      {title}
    </label>
  );
}
