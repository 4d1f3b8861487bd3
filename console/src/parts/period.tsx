/** The period that a page is about: days in the address, the last 30 where it has none. */

import { useAddress } from "../address";
import { DayFilter } from "./controls";

const DAY_MS = 86_400_000;
const DAYS = 30;

export interface Period {
  readonly from: string; // days (UTC), both included
  readonly to: string;
}

function dayText(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

export function usePeriod(days = DAYS): Period {
  const { params } = useAddress();
  const now = Date.now();
  return { from: params.get("from") || dayText(now - (days - 1) * DAY_MS), to: params.get("to") || dayText(now) };
}

/** The same as instants, the last one not included. */
export function instantsOf({ from, to }: Period): { from: string; to: string } {
  return { from: `${from}T00:00:00Z`, to: `${dayText(Date.parse(`${to}T00:00:00Z`) + DAY_MS)}T00:00:00Z` };
}

export function PeriodFilter({ period }: { period: Period }) {
  return (
    <>
      <DayFilter label="From (UTC)" param="from" otherwise={period.from} />
      <DayFilter label="To, included" param="to" otherwise={period.to} />
    </>
  );
}

/** All days from the first to the last, or all hours of them. */
export function everyTime(first: string, last: string, hours: boolean): string[] {
  const times: string[] = [];
  const end = Date.parse(`${last}T23:00:00Z`);
  for (let at = Date.parse(`${first}T00:00:00Z`); at <= end; at += hours ? 3_600_000 : 86_400_000) {
    times.push(new Date(at).toISOString().slice(0, hours ? 13 : 10));
  }
  return times;
}
