/** New material for a key, and new keys; what is pasted is sent once and kept nowhere here. */

import { useState } from "preact/hooks";
import { setParams } from "../../address";
import { addressOf, call, type Data } from "../../api/client";
import { useAnswer } from "../../api/use-answer";
import { CopyAsCurl } from "../../parts/actions";
import { Toolbar } from "../../parts/controls";
import { Failed } from "../../parts/states";
import type { Key } from "./keys";

const STORE = "/api/byok/keys";
const ROTATE = "/api/byok/keys/{key_id}/rotate";
const PROVIDERS = "/api/byok/providers";
const PLACEHOLDER = "THE_KEY"; // in the curl line: the pasted one must not end up in a terminal's history

type Stored = Data<typeof STORE, "post">;

function Material() {
  return (
    <label class="filter">
      The key
      <input type="password" name="api_key" autoComplete="off" spellcheck={false} required />
    </label>
  );
}

function TestFirst() {
  return (
    <label class="tickable">
      <input type="checkbox" name="validate" defaultChecked />
      Test it first
    </label>
  );
}

/** Send a form's key, and empty the form when it is stored. */
function useStoring(store: (form: FormData) => Promise<Stored>, onDone: () => void) {
  const [failure, setFailure] = useState<unknown>(null);
  const [stored, setStored] = useState<Stored | null>(null);
  const [isStoring, setStoring] = useState(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    setStoring(true);
    setFailure(null);
    setStored(null);
    try {
      setStored(await store(new FormData(form)));
      form.reset();
      onDone();
    } catch (error) {
      setFailure(error);
    }
    setStoring(false);
  };
  return { submit, failure, stored, isStoring };
}

function Outcome({ failure, stored }: { failure: unknown; stored: Stored | null }) {
  if (failure !== null) return <Failed error={failure} />;
  if (stored === null) return null;
  return (
    <p role="status">
      Stored as <code>{stored.id}</code>: {stored.status}.{" "}
      {stored.warnings.length > 0 && <span class="warn">{stored.warnings.join(" ")}</span>}
    </p>
  );
}

export function Rotation({ of, onDone }: { of: Key; onDone: () => void }) {
  const path = { key_id: of.id };
  const { submit, failure, stored, isStoring } = useStoring(
    (form) =>
      call("post", ROTATE, {
        path,
        body: { api_key: String(form.get("api_key")), validate: form.get("validate") !== null },
      }),
    onDone,
  );
  return (
    <section class="card attempt">
      <h2>
        Rotate {of.provider}'s key …{of.last4}
      </h2>
      <form onSubmit={submit}>
        <Toolbar>
          <Material />
          <TestFirst />
          <button type="submit" class="primary" disabled={isStoring}>
            {isStoring ? "Rotating…" : "Put the new one in its place"}
          </button>
          <button type="button" onClick={() => setParams({ rotate: null })}>
            Close
          </button>
          <CopyAsCurl
            request={{ verb: "post", address: addressOf(ROTATE, path), body: { api_key: PLACEHOLDER, validate: true } }}
          />
        </Toolbar>
      </form>
      <p class="quiet">Calls under way end with the old one; others take the new one within 30 seconds.</p>
      <Outcome failure={failure} stored={stored} />
    </section>
  );
}

export function NewKey({ onDone }: { onDone: () => void }) {
  const providers = useAnswer("providers", (signal) => call("get", PROVIDERS, {}, signal));
  const { submit, failure, stored, isStoring } = useStoring((form) => {
    const label = String(form.get("label")).trim();
    return call("post", STORE, {
      body: {
        provider: String(form.get("provider")),
        api_key: String(form.get("api_key")),
        validate: form.get("validate") !== null,
        ...(label && { label }),
      },
    });
  }, onDone);
  const known = providers.answer.state === "there" ? providers.answer.data.items : [];
  return (
    <section class="card attempt">
      <h2>Store a key</h2>
      <form onSubmit={submit}>
        <Toolbar>
          <label class="filter">
            Provider
            <select name="provider" required>
              {known.map((each) => (
                <option key={each.id} value={each.id}>
                  {each.display_name}
                </option>
              ))}
            </select>
          </label>
          <Material />
          <label class="filter">
            Label
            <input name="label" autoComplete="off" />
          </label>
          <TestFirst />
          <button type="submit" class="primary" disabled={isStoring}>
            {isStoring ? "Storing…" : "Store"}
          </button>
          <CopyAsCurl
            request={{
              verb: "post",
              address: addressOf(STORE),
              body: { provider: "openai", api_key: PLACEHOLDER, validate: true },
            }}
          />
        </Toolbar>
      </form>
      <p class="quiet">It goes into the tenant's vault and is never shown again.</p>
      <Outcome failure={failure} stored={stored} />
    </section>
  );
}
