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

/** Multiply every line out, look its rate up in the published row, and add all up. */
export function checkProof(proof: Proof): CheckedProof {
  const faults: string[] = [];
  const rates = proof.price.published === null ? null : new Set([...leaves(proof.price.published)]);
  const lines = proof.lines.map((line) => {
    const product = times(times(decimal(line.quantity), decimal(line.rate_usd)), decimal(line.multiplier));
    if (compare(product, decimal(line.amount_usd)) !== 0) {
      faults.push(`${line.unit}: ${plain(product)} is not ${line.amount_usd}`);
    }
    if (rates !== null && !rates.has(plain(decimal(line.rate_usd)))) {
      faults.push(`${line.unit}: no published rate is ${line.rate_usd}`);
    }
    return { line, product: plain(product) };
  });
  const total: Decimal = roundedUp(sum(lines.map((each) => decimal(each.product))), LEDGER_PLACES);
  if (compare(total, decimal(proof.total_usd)) !== 0) {
    faults.push(`the lines come to ${plain(total)}, not ${proof.total_usd}`);
  }
  return { lines, total: plain(total), faults };
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
