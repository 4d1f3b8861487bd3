/** The cost of a call computed again from its proof alone, as `make proof` does, and compared with what was charged. */

import type { components } from "../api/generated/byok";
import { compare, type Decimal, decimal, plain, plus, roundedUp, sum, times } from "./decimal";

type Proof = components["schemas"]["ProofOut"];
type Line = Proof["lines"][number];
type Call = components["schemas"]["CallDetailOut"];

const LEDGER_PLACES = 28; // decimals that the ledger keeps; it rounds up what is finer

export interface CheckedLine {
  readonly line: Line;
  readonly product: string;
}

export interface CheckedProof {
  readonly lines: readonly CheckedLine[];
  readonly total: string;
  /** Sentences, one for each difference; none where the cost is proved. */
  readonly faults: readonly string[];
}

/** Multiply every line out, look its rate up in the published row or the own price, and add all up. */
export function checkProof(proof: Proof, held_usd: string): CheckedProof {
  const faults: string[] = [];
  const rates = ratesIn(proof);
  const lines = proof.lines.map((line) => {
    const product = times(times(decimal(line.quantity), decimal(line.rate_usd)), decimal(line.multiplier));
    if (compare(product, decimal(line.amount_usd)) !== 0) {
      faults.push(`${line.unit}: ${plain(product)} is not ${line.amount_usd}`);
    }
    if (rates !== null && !isPublishedElsewhere(line) && !rates.has(plain(decimal(line.rate_usd)))) {
      faults.push(`${line.unit}: no published rate is ${line.rate_usd}`);
    }
    return { line, product: plain(product) };
  });
  const total: Decimal = roundedUp(sum(lines.map((each) => decimal(each.product))), LEDGER_PLACES);
  if (proof.charged_at === "lines" && compare(total, decimal(proof.total_usd)) !== 0) {
    faults.push(`the lines come to ${plain(total)}, not ${proof.total_usd}`);
  }
  const held = roundedUp(times(decimal(proof.total_usd), decimal(proof.hold_factor)), LEDGER_PLACES);
  if (proof.charged_at === "hold" && compare(held, decimal(held_usd)) !== 0) {
    faults.push(`${proof.total_usd} is not the worst case: ${held_usd} were held, ${proof.hold_factor} times that`);
  }
  if (proof.charged_at === "most" && compare(total, decimal(proof.total_usd)) <= 0) {
    faults.push(`the lines come to ${plain(total)}, no more than ${proof.total_usd}`);
  }
  return { lines, total: plain(total), faults };
}

/** All rates of the published row and of the own price; null where the row's snapshot is gone. */
function ratesIn(proof: Proof): ReadonlySet<string> | null {
  const own = proof.own_price?.price;
  if (proof.price.published === null && !own?.model) return null;
  const published = [...leaves(proof.price.published)];
  const factor = own?.factor;
  const asCharged = factor ? published.map((rate) => plain(times(decimal(rate), decimal(factor)))) : published;
  return new Set([...asCharged, ...leaves(own?.rates)]);
}

/** Whether a rate stands in no row that the proof holds: another model's, or one that names its own source. */
function isPublishedElsewhere(line: Line): boolean {
  return line.rate_key.includes(": ") || line.rate_key.includes(" (");
}

/** What all attempts come to, and whether that is what the call says. */
export function checkCall(call: Call): { total: string; isRight: boolean } {
  const total = call.attempts.reduce((so_far, each) => plus(so_far, decimal(each.cost_usd)), decimal("0"));
  return { total: plain(total), isRight: compare(total, decimal(call.cost_usd)) === 0 };
}

function* leaves(value: unknown): Generator<string> {
  if (typeof value === "object" && value !== null) {
    for (const each of Object.values(value)) yield* leaves(each);
  } else if (typeof value === "string" && /^\d/.test(value)) {
    try {
      yield plain(decimal(value));
    } catch {
      // A date or a name that begins with a digit is no rate.
    }
  }
}
