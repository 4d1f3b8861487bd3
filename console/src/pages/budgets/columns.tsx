/** The columns of the list of budgets; amounts are in each budget's own unit, in files as exact texts. */

import { compare, decimal } from "../../exact/decimal";
import { Instant, InUnit, instantText } from "../../parts/amount";
import type { Column } from "../../parts/table";
import { type Budget, nameOf } from "./request";

type Amount = "limit_usd" | "spent_usd" | "held_usd" | "remaining_usd";

function amount(key: Amount, title: string): Column<Budget> {
  return {
    key,
    title,
    width: 150,
    isNumber: true,
    cell: (row) => <InUnit unit={row.unit} value={row[key]} />,
    text: (row) => row[key],
    order: (a, b) => compare(decimal(a[key]), decimal(b[key])),
  };
}

function instant(key: "resets_at" | "runs_out_at" | "refused_since" | "set_at", title: string): Column<Budget> {
  return {
    key,
    title,
    width: 170,
    cell: (row) => <Instant value={row[key]} />,
    text: (row) => (row[key] ? instantText(row[key]) : ""),
  };
}

function text(key: string, title: string, width: number, of: (row: Budget) => string): Column<Budget> {
  return { key, title, width, cell: (row) => <span title={of(row)}>{of(row) || "–"}</span>, text: of };
}

function nearText({ near }: Budget): string {
  return near
    .map((each) =>
      each.do === "slow_down" ? `slow_down from ${each.at} % to ${each.to_percent} %` : `${each.do} from ${each.at} %`,
    )
    .join("; ");
}

function raisedText({ raised }: Budget): string {
  return raised ? `${raised.amount} until ${instantText(raised.until)}: ${raised.why}` : "";
}

function carriedText({ carry_over, carried_usd }: Budget): string {
  return carry_over ? `${carried_usd} of ${carry_over.at_most} at most` : "";
}

function freeText({ next_free }: Budget): string {
  return next_free ? `${next_free.amount} at ${instantText(next_free.at)}` : "";
}

/** What may be done with a budget, where the key may. */
export interface Deeds {
  readonly onChange: (budget: Budget) => void;
  readonly onClear: (budget: Budget) => void;
}

export function columnsOf(deeds: Deeds | null): Column<Budget>[] {
  return [
    text("scope", "Scope", 170, (row) => row.scope),
    text("window", "Window", 110, (row) => row.window),
    ...(deeds ? [doing(deeds)] : []),
    text("unit", "Unit", 70, (row) => row.unit),
    amount("limit_usd", "Limit"),
    amount("spent_usd", "Spent"),
    amount("held_usd", "Held"),
    amount("remaining_usd", "Left"),
    instant("resets_at", "Resets (UTC)"),
    text("next_free", "Free again next", 200, freeText),
    instant("runs_out_at", "At this pace out (UTC)"),
    instant("refused_since", "Refuses since (UTC)"),
    text("mode", "Mode", 70, (row) => row.mode),
    text("near", "Before it is full", 230, nearText),
    text("raised", "Raised by", 200, raisedText),
    text("carried", "Carried over", 160, carriedText),
    text("overflow", "Draws on pool", 120, (row) => row.overflow ?? ""),
    text("alert_at", "Alerts at, %", 120, (row) => row.alert_at.join(", ")),
    instant("set_at", "Set (UTC)"),
  ];
}

function doing({ onChange, onClear }: Deeds): Column<Budget> {
  return {
    key: "actions",
    title: "Do",
    width: 200,
    cell: (row) => (
      <>
        <button type="button" aria-label={`Change ${nameOf(row)}`} onClick={() => onChange(row)}>
          Change
        </button>{" "}
        <button type="button" aria-label={`Take away ${nameOf(row)}`} onClick={() => onClear(row)}>
          Take away
        </button>
      </>
    ),
    text: () => "",
  };
}
