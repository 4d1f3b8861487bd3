/** What sources propose and nobody believes yet: the reason, the rates beside those in force, what others say. */

import { useState } from "preact/hooks";
import { href } from "../../address";
import { addressOf, allPages, call, type ItemOf } from "../../api/client";
import { type Asking, useAnswer } from "../../api/use-answer";
import type { PageProps } from "../../pages";
import { CopyAsCurl, DownloadCsv } from "../../parts/actions";
import { Instant, Usd } from "../../parts/amount";
import { Toolbar } from "../../parts/controls";
import { Empty, Failed, Loaded } from "../../parts/states";
import { type Caller, may } from "../../session";

const ROUTE = "/api/ai/pricing/quarantine";
const MODELS = "/api/ai/pricing/models";
const REFRESH = "/api/ai/pricing/refresh";
const MOST = 1_000;
const HEADINGS = ["subject", "source", "first_seen", "reason", "proposed_rates", "evidence"];
type Held = ItemOf<typeof ROUTE>;
type Rates = Readonly<Record<string, unknown>>;
type InForce = ReadonlyMap<string, Rates>;

function rowOf(held: Held): string[] {
  const [proposed, evidence] = [held.proposed_rates ?? {}, held.evidence].map((each) => JSON.stringify(each));
  return [held.subject, held.source, held.first_seen, held.reason, proposed ?? "", evidence ?? ""];
}

function mayAccept(caller: Caller): boolean {
  return caller.is_operator && may(caller, "catalog:write") && may(caller, "admin");
}

export function Quarantine({ caller }: PageProps) {
  const held = useAnswer("quarantine", (signal) => allPages(ROUTE, {}, MOST, signal));
  const prices = useAnswer("prices in force", async (signal): Promise<InForce> => {
    const { items } = await call("get", MODELS, {}, signal);
    return new Map(items.map((each) => [each.id, each.rates]));
  });
  const accepted = () => {
    held.again();
    prices.again();
  };
  return (
    <>
      <Toolbar>
        <CopyAsCurl request={{ verb: "get", address: addressOf(ROUTE) }} />
      </Toolbar>
      <Loaded asking={held} what="what waits for confirmation">
        {({ items }) =>
          items.length === 0 ? (
            <Empty>Nothing waits: every proposal of the sources is in force.</Empty>
          ) : (
            <>
              {!mayAccept(caller) && (
                <p class="quiet">
                  Accepting is the operator's, with a key that has <code>catalog:write</code> and <code>admin</code>.
                </p>
              )}
              <ul class="held">
                {items.map((each) => (
                  <HeldCard key={each.subject} held={each} prices={prices} caller={caller} onAccepted={accepted} />
                ))}
              </ul>
              <p class="below">
                <output>{items.length.toLocaleString("en")} wait</output>
                <DownloadCsv name="quarantine" headings={HEADINGS} rows={() => items.map(rowOf)} />
              </p>
            </>
          )
        }
      </Loaded>
    </>
  );
}

interface HeldProps {
  readonly held: Held;
  readonly prices: Asking<InForce>;
  readonly caller: Caller;
  readonly onAccepted: () => void;
}

function HeldCard(props: HeldProps) {
  const { held, prices } = props;
  const isRow = held.subject.includes("/");
  return (
    <li class="card">
      <h2>{isRow ? <a href={href("prices", { model: held.subject })}>{held.subject}</a> : held.subject}</h2>
      <p>{held.reason}</p>
      <p class="quiet">
        said by {held.source}, first seen <Instant value={held.first_seen} />
      </p>
      {isRow && held.proposed_rates && <Comparison held={held} proposed={held.proposed_rates} prices={prices} />}
      {mayAccept(props.caller) && <Accept {...props} />}
    </li>
  );
}

interface ComparisonProps {
  readonly held: Held;
  readonly proposed: Rates;
  readonly prices: Asking<InForce>;
}

function Comparison({ held, proposed, prices }: ComparisonProps) {
  return (
    <Loaded asking={prices} what="the rates in force">
      {(all) => {
        const inForce = all.get(held.subject) ?? {}; // a row that is not in force yet has no rates to compare with
        const keys = [...new Set([...Object.keys(inForce), ...Object.keys(proposed)])].filter(
          (key) => inForce[key] !== proposed[key] || held.evidence[key],
        );
        return (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has no mouse scrolls it with the arrow keys
          <section class="scroll" tabIndex={0} aria-label={`The evidence on ${held.subject}`}>
            <table>
              <thead>
                <tr>
                  <th scope="col">Rate</th>
                  <th scope="col" class="is-number">
                    In force
                  </th>
                  <th scope="col" class="is-number">
                    Proposed
                  </th>
                  <th scope="col">Others say</th>
                </tr>
              </thead>
              <tbody>
                {keys.map((key) => (
                  <tr key={key}>
                    <th scope="row">
                      <code>{key}</code>
                    </th>
                    <td class="is-number">
                      <Rate value={inForce[key]} />
                    </td>
                    <td class="is-number">
                      <Rate value={proposed[key]} />
                    </td>
                    <td>
                      {(held.evidence[key] ?? []).map((said) => (
                        <span key={said.source} class="said">
                          {said.source} <Usd value={said.usd} />
                        </span>
                      ))}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
        );
      }}
    </Loaded>
  );
}

function Rate({ value }: { value: unknown }) {
  if (value === undefined || value === null) return <span class="none">–</span>;
  return typeof value === "string" ? <Usd value={value} /> : <code>{JSON.stringify(value)}</code>;
}

type Step = "idle" | "asked" | "accepting";

function Accept({ held, onAccepted }: { held: Held; onAccepted: () => void }) {
  const [step, setStep] = useState<Step>("idle");
  const [failure, setFailure] = useState<unknown>(null);
  const query = { accept: [held.subject], force: true };
  const accept = async () => {
    setStep("accepting");
    setFailure(null);
    try {
      await call("post", REFRESH, { query });
      onAccepted();
    } catch (error) {
      setFailure(error);
    }
    setStep("idle");
  };
  return (
    <div class="toolbar">
      {step === "idle" ? (
        <button type="button" onClick={() => setStep("asked")}>
          Accept
        </button>
      ) : (
        <>
          <button type="button" class="primary" disabled={step === "accepting"} onClick={accept}>
            {step === "accepting" ? "Fetching and accepting…" : "Put it in force for every tenant"}
          </button>
          <button type="button" disabled={step === "accepting"} onClick={() => setStep("idle")}>
            Leave it
          </button>
        </>
      )}
      <CopyAsCurl request={{ verb: "post", address: addressOf(REFRESH, {}, query) }} />
      {failure !== null && <Failed error={failure} />}
    </div>
  );
}
