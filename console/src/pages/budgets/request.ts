/** A budget as the form holds it, texts alone, as the route takes it, and which field a refusal is about. */

import type { Body, ItemOf } from "../../api/client";

export const ROUTE = "/api/byok/budgets";
export type Budget = ItemOf<typeof ROUTE>;
export type Wanted = Body<typeof ROUTE, "put">;
type Step = Wanted["near"][number];

/** Kinds of scopes, each with what stands behind the colon; the tenant is alone. */
export const KINDS = {
  tenant: "",
  team: "its id",
  person: "an end user, as callers name it or by the hash that reports show",
  "service-key": "its id",
  session: "a run or a session, as callers name it or by its hash",
  model: "PROVIDER/MODEL",
  provider: "its id",
  tag: "NAME=VALUE",
  pool: "its name",
} as const;
export const WINDOWS: readonly Wanted["window"][] = [
  "minute",
  "hour",
  "day",
  "week",
  "month",
  "quarter",
  "total",
  "rolling-minute",
  "rolling-hour",
  "rolling-day",
  "rolling-week",
  "rolling-month",
  "rolling-quarter",
];
export const UNITS: readonly Wanted["unit"][] = ["usd", "tokens", "calls"];
export const MODES: readonly Wanted["mode"][] = ["hard", "soft"];

/** The form's fields; percentages and amounts are what was typed, an empty one is not said. */
export interface Texts {
  readonly kind: string;
  readonly member: string;
  readonly window: string;
  readonly unit: string;
  readonly limit: string;
  readonly mode: string;
  readonly alertAt: string;
  readonly slowDownAt: string;
  readonly slowDownTo: string;
  readonly cheaperAt: string;
  readonly carryOver: string;
  readonly overflow: string;
  readonly raisedBy: string;
  readonly raisedUntil: string; // UTC, as `<input type="datetime-local">` spells it
  readonly raisedWhy: string;
}

export const NEW: Texts = {
  kind: "tenant",
  member: "",
  window: "month",
  unit: "usd",
  limit: "",
  mode: "hard",
  alertAt: "50, 80, 100",
  slowDownAt: "",
  slowDownTo: "",
  cheaperAt: "",
  carryOver: "",
  overflow: "",
  raisedBy: "",
  raisedUntil: "",
  raisedWhy: "",
};

/** What a budget is called beside others: no other of its tenant has the same three. */
export function nameOf(budget: Pick<Budget, "scope" | "window" | "unit">): string {
  return `${budget.scope}, ${budget.window}${budget.unit === "usd" ? "" : `, ${budget.unit}`}`;
}

/** The texts of a budget that is there, so that what is not changed is set again; a raise that is over is left out. */
export function textsOf(budget: Budget, now: Date): Texts {
  const { scope, window, unit, mode, alert_at, near } = budget;
  const colon = scope.indexOf(":");
  const slow = near.find((each) => each.do === "slow_down");
  const cheaper = near.find((each) => each.do === "prefer_cheaper");
  const raised = budget.raised && Date.parse(budget.raised.until) > now.getTime() ? budget.raised : null;
  return {
    kind: colon < 0 ? scope : scope.slice(0, colon),
    member: colon < 0 ? "" : scope.slice(colon + 1),
    window,
    unit,
    limit: budget.limit_usd,
    mode,
    alertAt: alert_at.join(", "),
    slowDownAt: slow ? String(slow.at) : "",
    slowDownTo: String(slow?.to_percent ?? ""),
    cheaperAt: cheaper ? String(cheaper.at) : "",
    carryOver: budget.carry_over?.at_most ?? "",
    overflow: budget.overflow ?? "",
    raisedBy: raised?.amount ?? "",
    raisedUntil: raised ? new Date(raised.until).toISOString().slice(0, 19) : "",
    raisedWhy: raised?.why ?? "",
  };
}

/** Of a model, a provider or a pool nothing happens before a budget is full: which calls it concerns is not known. */
export function hasSteps(kind: string): boolean {
  return kind !== "model" && kind !== "provider" && kind !== "pool";
}

/** Whose budgets may draw on a pool once they are full. */
export function mayDraw(kind: string): boolean {
  return kind === "team" || kind === "person" || kind === "service-key";
}

/** The texts as the route takes them; what is no whole number becomes null, which the API refuses in its own words. */
export function wantedOf(texts: Texts): Wanted {
  const limit = texts.limit.trim(); // never null: that would clear the budget
  const unit = oneOf(UNITS, texts.unit);
  const isRaised = [texts.raisedBy, texts.raisedUntil, texts.raisedWhy].some((each) => each.trim() !== "");
  return {
    scope: texts.kind === "tenant" ? texts.kind : `${texts.kind}:${texts.member.trim()}`,
    window: oneOf(WINDOWS, texts.window),
    unit,
    ...(unit === "usd" ? { limit_usd: limit } : { limit }),
    mode: oneOf(MODES, texts.mode),
    near: hasSteps(texts.kind) ? stepsOf(texts) : [],
    alert_at: texts.alertAt
      .split(",")
      .filter((each) => each.trim() !== "")
      .map(number),
    ...(texts.carryOver.trim() !== "" && { carry_over: { at_most: texts.carryOver.trim() } }),
    ...(mayDraw(texts.kind) && texts.overflow.trim() !== "" && { overflow: texts.overflow.trim() }),
    ...(isRaised && {
      raised: { amount: texts.raisedBy.trim(), until: instant(texts.raisedUntil), why: texts.raisedWhy.trim() },
    }),
  };
}

/** What takes a budget away. */
export function clearing({ scope, window, unit, mode }: Budget): Wanted {
  const limit = unit === "usd" ? { limit_usd: null } : { limit: null };
  return { scope, window, unit, ...limit, mode, near: [], alert_at: [] };
}

/** The sentences of a refusal by the field of the form that each is about; null where one is about none of them. */
export function faultsOf(
  error: { readonly status: number; readonly message: string; readonly details: unknown },
  sent: Wanted,
): Map<keyof Texts, string> | null {
  const details = (error.details ?? {}) as { fields?: { field: string; message?: string }[]; scope?: unknown };
  const unknownMember = error.status === 404 && details.scope !== undefined ? [{ field: "scope" }] : [];
  const named: { field: string; message?: string }[] = details.fields ?? unknownMember;
  const faults = new Map<keyof Texts, string>();
  for (const { field, message } of named) {
    const at = placeOf(field, sent);
    if (at === null) return null;
    if (!faults.has(at)) faults.set(at, message ? `${field}: ${message}` : error.message);
  }
  return faults.size > 0 ? faults : null;
}

function placeOf(field: string, sent: Wanted): keyof Texts | null {
  const [first = "", place = "", part = ""] = field.split(".");
  switch (first) {
    case "scope":
      return sent.scope === "tenant" ? "kind" : "member";
    case "limit":
    case "limit_usd":
      return "limit";
    case "alert_at":
      return "alertAt";
    case "carry_over":
      return "carryOver";
    case "overflow":
      return mayDraw(sent.scope.split(":")[0] ?? "") ? "overflow" : null;
    case "raised":
      return place === "until" ? "raisedUntil" : place === "why" ? "raisedWhy" : "raisedBy";
    case "near":
      if (sent.near[Number(place)]?.do === "prefer_cheaper") return "cheaperAt";
      return part === "to_percent" ? "slowDownTo" : "slowDownAt";
    case "window":
    case "unit":
    case "mode":
      return first;
    default:
      return null;
  }
}

function stepsOf({ slowDownAt, slowDownTo, cheaperAt }: Texts): Step[] {
  const steps: Step[] = [];
  if (slowDownAt.trim() !== "" || slowDownTo.trim() !== "") {
    const to = slowDownTo.trim() === "" ? {} : { to_percent: number(slowDownTo) };
    steps.push({ at: number(slowDownAt), do: "slow_down", ...to });
  }
  if (cheaperAt.trim() !== "") steps.push({ at: number(cheaperAt), do: "prefer_cheaper" });
  return steps;
}

function number(text: string): number {
  return text.trim() === "" ? Number.NaN : Number(text);
}

function instant(local: string): string {
  return local === "" ? "" : `${local.length === "2026-11-29T15:04".length ? `${local}:00` : local}Z`;
}

function oneOf<T extends string>(among: readonly T[], text: string): T {
  return among.find((each) => each === text) ?? (among[0] as T);
}
