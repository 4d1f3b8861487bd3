/** Setting a budget, or changing one that is there; what the API has against a field stands beside it. */

import { useEffect, useRef, useState } from "preact/hooks";
import { useTenant } from "../../address";
import { ApiError, addressOf, call } from "../../api/client";
import { CopyAsCurl } from "../../parts/actions";
import { Toolbar } from "../../parts/controls";
import { Failed } from "../../parts/states";
import { Chosen, type FieldProps, Typed } from "./fields";
import {
  type Budget,
  faultsOf,
  hasSteps,
  KINDS,
  MODES,
  mayDraw,
  NEW,
  nameOf,
  ROUTE,
  type Texts,
  textsOf,
  UNITS,
  WINDOWS,
  wantedOf,
} from "./request";

const MODE_TITLES = { hard: "refuse calls that do not fit", soft: "alert only" };

interface FormProps {
  /** The budget that is changed; null: a new one is set. */
  readonly of: Budget | null;
  readonly onEnd: () => void;
  readonly onDone: (name: string) => void;
}

export function BudgetForm({ of, onEnd, onDone }: FormProps) {
  const tenant = useTenant();
  const [texts, setTexts] = useState<Texts>(() => (of ? textsOf(of, new Date()) : NEW));
  const [faults, setFaults] = useState<ReadonlyMap<keyof Texts, string>>(new Map());
  const [failure, setFailure] = useState<unknown>(null);
  const [isSending, setSending] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (of) form.current?.querySelector<HTMLElement>("[name=limit]")?.focus();
  }, [of]);
  useEffect(() => {
    form.current?.querySelector<HTMLElement>("[aria-invalid]")?.focus(); // its fault is read out with it
  }, [faults]);
  const wanted = wantedOf(texts);
  const set = async (event: SubmitEvent) => {
    event.preventDefault();
    setSending(true);
    setFailure(null);
    setFaults(new Map());
    try {
      const answer = await call("put", ROUTE, { body: wanted, query: tenant });
      setTexts(NEW);
      onDone(nameOf(answer.budget ?? answer));
    } catch (error) {
      const found = error instanceof ApiError ? faultsOf(error, wanted) : null;
      if (found) setFaults(found);
      else setFailure(error);
    }
    setSending(false);
  };
  const field = (name: keyof Texts) => ({
    name,
    value: texts[name],
    fault: faults.get(name),
    onValue: (value: string) => setTexts((was) => ({ ...was, [name]: value })),
  });
  const unit = texts.unit === "usd" ? "$" : texts.unit;
  return (
    <section class="card attempt">
      <h2>{of ? `Change the budget ${nameOf(of)}` : `Set a budget${tenant.tenant ? ` of ${tenant.tenant}` : ""}`}</h2>
      <form class="stack" ref={form} onSubmit={set}>
        {!of && <Which texts={texts} field={field} />}
        <fieldset class="fields plain">
          <legend class="visually-hidden">Limit</legend>
          <Typed {...field("limit")} title={`Limit, ${unit}`} inputMode="decimal" required />
          <Chosen {...field("mode")} title="When it is full" among={MODES.map((each) => [each, MODE_TITLES[each]])} />
          <Typed {...field("alertAt")} title="Alerts at, % spent" />
          <Typed {...field("carryOver")} title={`Carried over at most, ${unit}`} inputMode="decimal" />
          {mayDraw(texts.kind) && <Typed {...field("overflow")} title="Once full, draws on the pool" />}
        </fieldset>
        {hasSteps(texts.kind) && (
          <fieldset class="fields plain">
            <legend class="quiet">Before it is full; an empty field leaves it out</legend>
            <Typed {...field("slowDownAt")} title="Slow down from, % spent" inputMode="numeric" />
            <Typed {...field("slowDownTo")} title="leaving of the rate limit, %" inputMode="numeric" />
            <Typed {...field("cheaperAt")} title="Prefer cheaper models from, % spent" inputMode="numeric" />
          </fieldset>
        )}
        <fieldset class="fields plain">
          <legend class="quiet">Raised for a time; empty: not at all</legend>
          <Typed {...field("raisedBy")} title={`Raised by, ${unit}`} inputMode="decimal" />
          <Typed {...field("raisedUntil")} title="until (UTC)" type="datetime-local" />
          <Typed {...field("raisedWhy")} title="because" />
        </fieldset>
        <Toolbar>
          <button type="submit" class="primary" disabled={isSending}>
            {isSending ? "Setting…" : of ? "Change it" : "Set"}
          </button>
          {of && (
            <button type="button" onClick={onEnd}>
              Leave it
            </button>
          )}
          <CopyAsCurl request={{ verb: "put", address: addressOf(ROUTE, {}, tenant), body: wanted }} />
        </Toolbar>
      </form>
      {failure !== null && <Failed error={failure} />}
    </section>
  );
}

interface WhichProps {
  readonly texts: Texts;
  readonly field: (name: keyof Texts) => Omit<FieldProps, "title">;
}

/** What a budget is about, over which time, and what it counts: this tells it from others. */
function Which({ texts, field }: WhichProps) {
  const member = KINDS[texts.kind as keyof typeof KINDS];
  return (
    <fieldset class="fields plain">
      <legend class="visually-hidden">What it is about</legend>
      <Chosen {...field("kind")} title="Scope" among={Object.keys(KINDS).map((each) => [each, each])} />
      {member !== "" && (
        <Typed {...field("member")} title={`Which ${texts.kind}: ${member}; * for each without its own`} required />
      )}
      <Chosen {...field("window")} title="Window" among={WINDOWS.map((each) => [each, each])} />
      <Chosen {...field("unit")} title="Unit" among={UNITS.map((each) => [each, each])} />
    </fieldset>
  );
}
