/** A call's receipt: who answered and why, how long it took, what it cost, and whether the proof of that holds. */

import { href } from "../../address";
import { addressOf } from "../../api/client";
import { checkCall, checkProof } from "../../exact/proof";
import { CopyAsCurl } from "../../parts/actions";
import { Count, Milliseconds, Usd } from "../../parts/amount";
import { Plan, ROUTE } from "../../parts/plan";
import type { Detail, Exchange } from "./exchange";

const SHOWN: readonly [string, string][] = [
  ["x-llm-model", "Answered by"],
  ["x-llm-tier", "As the tier"],
  ["x-llm-own-name", "Own names"],
  ["x-llm-attempts", "Models asked"],
  ["x-llm-escalated", "Escalated"],
  ["x-llm-warnings", "Left out"],
];

export function Receipt({ exchange }: { exchange: Exchange }) {
  const { told, detail, route } = exchange;
  return (
    <section class="card">
      <h2>Receipt</h2>
      <dl>
        {SHOWN.filter(([name]) => told.headers[name]).map(([name, title]) => (
          <>
            <dt>{title}</dt>
            <dd>{told.headers[name]}</dd>
          </>
        ))}
        <dt>First text</dt>
        <dd>
          <Milliseconds value={exchange.firstMs} />, whole after <Milliseconds value={exchange.wholeMs} />
        </dd>
        <dt>Tokens</dt>
        <dd>
          <Count value={told.inputTokens} /> in, <Count value={told.outputTokens} /> out
          {told.finishReason && ` (${told.finishReason})`}
        </dd>
        <dt>Cost</dt>
        <dd>{detail ? <Usd value={detail.cost_usd} /> : <span class="none">–</span>}</dd>
      </dl>
      {detail && <Verdict detail={detail} />}
      {told.headers["x-llm-call-id"] && exchange.state !== "streaming" && (
        <p>
          <a href={href("calls", { call: told.headers["x-llm-call-id"] })}>The call, each attempt and its proof</a>
        </p>
      )}
      {route && (
        <details open>
          <summary>Why it went there</summary>
          <Plan route={route} />
          <CopyAsCurl request={{ verb: "post", address: addressOf(ROUTE), body: exchange.body }} />
        </details>
      )}
    </section>
  );
}

/** The cost computed again from the proofs of all attempts. */
export function Verdict({ detail }: { detail: Detail }) {
  const faults = detail.attempts.flatMap((each) => (each.proof ? checkProof(each.proof, each.held_usd).faults : []));
  const checked = checkCall(detail);
  if (!checked.isRight) faults.push(`the attempts come to ${checked.total}, not ${detail.cost_usd}`);
  return (
    <p class={faults.length === 0 ? "good" : "bad"} role="status">
      {faults.length === 0
        ? `Proved: computed again here from its proof, it comes to exactly $${checked.total}.`
        : `Not proved: ${faults.join("; ")}.`}
    </p>
  );
}
