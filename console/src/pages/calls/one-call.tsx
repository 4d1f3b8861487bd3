/** One call: its attempts on a time line, what each cost, and the proof of it. */

import { href, useTenant } from "../../address";
import { addressOf, call, type Data } from "../../api/client";
import { useAnswer } from "../../api/use-answer";
import { checkCall } from "../../exact/proof";
import type { PageProps } from "../../pages";
import { CopyAsCurl } from "../../parts/actions";
import { Instant, Milliseconds, Usd } from "../../parts/amount";
import { Toolbar } from "../../parts/controls";
import { download } from "../../parts/csv";
import { Loaded } from "../../parts/states";
import { may } from "../../session";
import { Proof } from "./proof";
import { Receipt } from "./receipt";
import { TimeLine } from "./time-line";

const ROUTE = "/api/byok/usage/calls/{call_id}";
type Detail = Data<typeof ROUTE>;

export function OneCall({ callId, caller }: PageProps & { callId: string }) {
  const query = useTenant();
  const path = { call_id: callId };
  const address = addressOf(ROUTE, path, query);
  const asking = useAnswer(address, (signal) => call("get", ROUTE, { path, query }, signal));
  return (
    <>
      <p>
        <a href={href("calls")}>All calls</a>
      </p>
      <h2>
        Call <code>{callId}</code>
      </h2>
      <Loaded asking={asking} what="the call">
        {(data) => (
          <>
            <Toolbar>
              <CopyAsCurl request={{ verb: "get", address }} />
              <button
                type="button"
                onClick={() => download(`${callId}.json`, JSON.stringify(data, null, 1), "application/json")}
              >
                Download for make proof
              </button>
            </Toolbar>
            <Total data={data} />
            <TimeLine attempts={data.attempts} />
            {data.attempts.map((attempt) => (
              <Attempt key={attempt.attempt} attempt={attempt} />
            ))}
            {may(caller, "chat") && data.attempts[0] && <Receipt asked={data.attempts[0].model_asked} />}
          </>
        )}
      </Loaded>
    </>
  );
}

function Total({ data }: { data: Detail }) {
  const checked = checkCall(data);
  return (
    <p>
      <Instant value={data.at} />, cost <Usd value={data.cost_usd} />:{" "}
      {checked.isRight ? (
        <span class="good">the attempts come to exactly that</span>
      ) : (
        <span class="bad">the attempts come to {checked.total}</span>
      )}
    </p>
  );
}

function Attempt({ attempt }: { attempt: Detail["attempts"][number] }) {
  return (
    <section class="card attempt">
      <h2>
        Attempt {attempt.attempt}: {attempt.model}, {attempt.status}
      </h2>
      <dl>
        <dt>Asked for</dt>
        <dd>
          {attempt.model_asked}
          {attempt.tier && `, answered as ${attempt.tier}`}
        </dd>
        <dt>Held, cost</dt>
        <dd>
          <Usd value={attempt.held_usd} />, <Usd value={attempt.cost_usd} />
        </dd>
        <dt>Latency</dt>
        <dd>
          <Milliseconds value={attempt.latency_ms} />, first token <Milliseconds value={attempt.first_token_ms} />
        </dd>
        <dt>Keys</dt>
        <dd>
          service key {attempt.service_key}, provider key {attempt.provider_key ?? "–"}
        </dd>
        {attempt.reason && (
          <>
            <dt>Reason</dt>
            <dd>{attempt.reason}</dd>
          </>
        )}
      </dl>
      {attempt.proof ? (
        <Proof proof={attempt.proof} attempt={attempt} />
      ) : (
        <p class="quiet">Nothing was used, so there is nothing to prove.</p>
      )}
    </section>
  );
}
