/** Amounts, rates, counts and instants as they are shown: every digit that was sent, and none that was not. */

import { grouped, perMillion } from "../exact/decimal";

const LOUD_PLACES = 4; // of an amount; further digits are there, and quieter

/** An exact amount in US dollars. */
export function Usd({ value }: { value: string | null | undefined }) {
  if (value === null || value === undefined) return <span class="none">–</span>;
  const negative = value.startsWith("-");
  const [whole = "0", fraction = ""] = value.replace("-", "").split(".");
  const loud = fraction.slice(0, LOUD_PLACES).padEnd(2, "0");
  const quiet = fraction.slice(LOUD_PLACES);
  return (
    <span class="number">
      {negative ? "−" : ""}${grouped(whole)}.{loud}
      {quiet && <span class="quiet">{quiet}</span>}
    </span>
  );
}

/** A rate per token, shown as US dollars a million tokens. */
export function PerMillion({ rate }: { rate: string | null | undefined }) {
  return <Usd value={rate === null || rate === undefined ? null : perMillion(rate)} />;
}

export function Count({ value }: { value: number | string | null | undefined }) {
  if (value === null || value === undefined) return <span class="none">–</span>;
  return <span class="number">{grouped(String(value))}</span>;
}

/** An amount of a budget, in the budget's own unit. */
export function InUnit({ unit, value }: { unit: "usd" | "tokens" | "calls"; value: string }) {
  if (unit === "usd") return <Usd value={value} />;
  return (
    <>
      <Count value={value} /> {unit}
    </>
  );
}

export function Milliseconds({ value }: { value: number | null | undefined }) {
  if (value === null || value === undefined) return <span class="none">–</span>;
  return <span class="number">{grouped(String(value))} ms</span>;
}

const INSTANT = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "medium", timeZone: "UTC" });

/** An instant in UTC, as `2026-11-29 15:04:05`. */
export function instantText(value: string): string {
  return INSTANT.format(new Date(value));
}

export function Instant({ value }: { value: string | null | undefined }) {
  if (!value) return <span class="none">–</span>;
  return <time dateTime={value}>{instantText(value)}</time>;
}

const UNITS: readonly [string, number][] = [
  ["d", 86_400],
  ["h", 3_600],
  ["min", 60],
  ["s", 1],
];

/** A span of seconds in its largest whole unit: `3 h`. */
export function spanText(seconds: number): string {
  const size = Math.abs(Math.round(seconds));
  const [unit, length] = UNITS.find(([, each]) => size >= each) ?? ["s", 1];
  return `${Math.floor(size / length)} ${unit}`;
}
