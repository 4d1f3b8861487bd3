/** The proof of an attempt's cost: each multiplication done again here, from the proof alone, and compared. */

import type { Data } from "../../api/client";
import { checkProof } from "../../exact/proof";
import { Instant, Usd } from "../../parts/amount";

type Detail = Data<"/api/byok/usage/calls/{call_id}">;
type Attempt = Detail["attempts"][number];
type ProofData = NonNullable<Attempt["proof"]>;

const WORDS: Record<ProofData["charged_at"], string> = {
  lines: "exactly what was charged",
  hold: "and the model's worst case for this call was charged, for the reason above",
  most: "and the most that an attempt can cost was charged, for the reason above",
};

export function Proof({ proof, attempt }: { proof: ProofData; attempt: Attempt }) {
  const checked = checkProof(proof, attempt.held_usd);
  return (
    <>
      <p class={checked.faults.length === 0 ? "good" : "bad"} role="status">
        {checked.faults.length === 0
          ? `Proved: computed again here, the lines come to $${checked.total}, ${WORDS[proof.charged_at]}.`
          : `Not proved: ${checked.faults.join("; ")}.`}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has no mouse scrolls it with the arrow keys */}
      <section class="scroll" tabIndex={0} aria-label={`The proof of attempt ${attempt.attempt}`}>
        <table>
          <thead>
            <tr>
              <th scope="col">Unit</th>
              <th scope="col" class="is-number">
                Quantity
              </th>
              <th scope="col" class="is-number">
                Rate
              </th>
              <th scope="col" class="is-number">
                Factor
              </th>
              <th scope="col" class="is-number">
                Charged
              </th>
              <th scope="col" class="is-number">
                Computed here
              </th>
              <th scope="col">Published as</th>
            </tr>
          </thead>
          <tbody>
            {checked.lines.map(({ line, product }) => (
              <tr key={`${line.unit} ${line.rate_key}`}>
                <th scope="row">{line.unit}</th>
                <td class="is-number">{line.quantity}</td>
                <td class="is-number">
                  <Usd value={line.rate_usd} />
                </td>
                <td class="is-number">{line.multiplier}</td>
                <td class="is-number">
                  <Usd value={line.amount_usd} />
                </td>
                <td class="is-number">
                  <Usd value={product} />
                </td>
                <td>
                  <code>{line.rate_key}</code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p class="quiet">
        Prices of {proof.price.source ?? "nobody"}, row <code>{proof.price.source_key ?? "–"}</code>, version{" "}
        <code>{proof.price.version}</code>, believed since <Instant value={proof.price.believed_since} />.
        {proof.price.published === null && " The row's snapshot is gone, so that its rates could not be looked up."}
      </p>
      <details>
        <summary>The provider's own counts</summary>
        <pre>{JSON.stringify(proof.raw_usage, null, 1)}</pre>
      </details>
    </>
  );
}
