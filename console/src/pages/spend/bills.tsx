/** A provider's bill beside the ledger: its export is read here, compared there, and each difference explained. */

import { useState } from "preact/hooks";
import { useTenant } from "../../address";
import { addressOf, type Data, send } from "../../api/client";
import { CopyAsCurl } from "../../parts/actions";
import { Count, Usd } from "../../parts/amount";
import { Toolbar } from "../../parts/controls";
import { Failed } from "../../parts/states";
import { type Column, Table } from "../../parts/table";

const ROUTE = "/api/byok/usage/reconcile";
const PROVIDERS = ["openai", "anthropic"] as const;
type Result = Data<typeof ROUTE, "post">;
type Difference = Result["differences"][number];

/** A file as the route takes it: a CSV as a text, an answer of the provider's API or several as they stand. */
export function exportOf(text: string): string {
  const given = text.trim();
  if (given.startsWith("[")) return `{"pages":${given}}`;
  if (given.startsWith("{")) return `{"pages":[${given}]}`;
  return JSON.stringify({ csv: text });
}

function explained(row: Difference): string {
  return row.explanations.map((each) => `${each.cause} ${each.amount_usd}: ${each.note}`).join("; ");
}

const COLUMNS: readonly Column<Difference>[] = [
  { key: "day", title: "Day", width: 100, cell: (row) => row.day, text: (row) => row.day },
  { key: "kind", title: "Of", width: 100, cell: (row) => row.kind, text: (row) => row.kind },
  { key: "model", title: "Model", width: 220, cell: (row) => row.model || "–", text: (row) => row.model },
  {
    key: "billed_usd",
    title: "Billed",
    width: 140,
    isNumber: true,
    cell: (row) => <Usd value={row.billed?.amount_usd} />,
    text: (row) => row.billed?.amount_usd ?? "",
  },
  {
    key: "booked_usd",
    title: "Ledger",
    width: 140,
    isNumber: true,
    cell: (row) => <Usd value={row.booked?.cost_usd} />,
    text: (row) => row.booked?.cost_usd ?? "",
  },
  {
    key: "difference_usd",
    title: "Difference",
    width: 140,
    isNumber: true,
    cell: (row) => <Usd value={row.difference_usd} />,
    text: (row) => row.difference_usd ?? "",
  },
  {
    key: "explained",
    title: "Explained by",
    width: 480,
    cell: (row) => <span title={explained(row)}>{explained(row) || "–"}</span>,
    text: explained,
  },
];

export function Bills() {
  const tenant = useTenant();
  const [result, setResult] = useState<Result | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const [isComparing, setComparing] = useState(false);
  const address = addressOf(ROUTE, {}, tenant);
  const compare = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    setComparing(true);
    setFailure(null);
    try {
      const parts = [`"provider":${JSON.stringify(form.get("provider"))}`];
      for (const name of ["costs", "usage"]) {
        const file = form.get(name);
        if (file instanceof File && file.size > 0) parts.push(`"${name}":${exportOf(await file.text())}`);
      }
      // Put together as a text: read and written as JSON here, amounts would become floating-point numbers.
      const answer = await send({ verb: "post", address, spelt: `{${parts.join(",")}}` });
      setResult((await answer.json()).data);
    } catch (error) {
      setFailure(error);
    }
    setComparing(false);
  };
  return (
    <>
      <form onSubmit={compare}>
        <Toolbar>
          <label class="filter">
            Provider
            <select name="provider">
              {PROVIDERS.map((each) => (
                <option key={each}>{each}</option>
              ))}
            </select>
          </label>
          <label class="filter">
            Its costs (JSON or CSV)
            <input type="file" name="costs" accept=".json,.csv" />
          </label>
          <label class="filter">
            Its usage (JSON or CSV)
            <input type="file" name="usage" accept=".json,.csv" />
          </label>
          <button type="submit" class="primary" disabled={isComparing}>
            {isComparing ? "Comparing…" : "Compare"}
          </button>
          <CopyAsCurl request={{ verb: "post", address, body: { provider: "openai", costs: { csv: "…" } } }} />
        </Toolbar>
      </form>
      <p class="quiet">Nothing is changed, and the file is kept nowhere.</p>
      {failure !== null && <Failed error={failure} />}
      {result && <Comparison result={result} />}
    </>
  );
}

function Comparison({ result }: { result: Result }) {
  return (
    <>
      <p role="status">
        {result.from_day} to {result.to_day}: billed <Usd value={result.billed_usd} />, in the ledger{" "}
        <Usd value={result.booked_usd} />. <Count value={result.matched} /> groups are equal on both sides,{" "}
        <Count value={result.differences.length} /> differ.
        {!result.rows_complete && " The ledger has more rows than one comparison reads: try fewer days."}
      </p>
      <section class="card attempt">
        <dl>
          {Object.entries(result.by_cause).map(([cause, usd]) => (
            <>
              <dt>{cause}</dt>
              <dd>
                <Usd value={usd} />
              </dd>
            </>
          ))}
        </dl>
      </section>
      <Table
        caption="What differs, each explained"
        columns={COLUMNS}
        rows={result.differences}
        keyOf={(row) => `${row.day} ${row.kind} ${row.model} ${row.key}`}
        empty="Nothing differs."
        file={`bill-${result.provider}-${result.from_day}`}
      />
    </>
  );
}
