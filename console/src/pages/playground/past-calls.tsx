/** The calls that were made on this page since it was opened, with their sum. */

import { href } from "../../address";
import { decimal, plain, sum } from "../../exact/decimal";
import { Count, Milliseconds, Usd } from "../../parts/amount";
import { type Column, Table } from "../../parts/table";
import type { Exchange } from "./exchange";

function callId(row: Exchange): string {
  return row.told.headers["x-llm-call-id"] ?? "";
}

const COLUMNS: readonly Column<Exchange>[] = [
  {
    key: "call_id",
    title: "Call",
    width: 240,
    cell: (row) => <a href={href("calls", { call: callId(row) })}>{callId(row)}</a>,
    text: callId,
  },
  { key: "model_asked", title: "Asked for", width: 130, cell: (row) => row.body.model, text: (row) => row.body.model },
  {
    key: "model",
    title: "Answered by",
    width: 220,
    cell: (row) => row.told.headers["x-llm-model"] ?? "–",
    text: (row) => row.told.headers["x-llm-model"] ?? "",
  },
  { key: "state", title: "State", width: 90, cell: (row) => row.state, text: (row) => row.state },
  {
    key: "input_tokens",
    title: "In",
    width: 80,
    isNumber: true,
    cell: (row) => <Count value={row.told.inputTokens} />,
    text: (row) => String(row.told.inputTokens ?? ""),
  },
  {
    key: "output_tokens",
    title: "Out",
    width: 80,
    isNumber: true,
    cell: (row) => <Count value={row.told.outputTokens} />,
    text: (row) => String(row.told.outputTokens ?? ""),
  },
  {
    key: "first_ms",
    title: "First text",
    width: 100,
    isNumber: true,
    cell: (row) => <Milliseconds value={row.firstMs} />,
    text: (row) => String(row.firstMs ?? ""),
  },
  {
    key: "cost_usd",
    title: "Cost",
    width: 140,
    isNumber: true,
    cell: (row) => <Usd value={row.detail?.cost_usd} />,
    text: (row) => row.detail?.cost_usd ?? "",
  },
];

export function PastCalls({ past }: { past: readonly Exchange[] }) {
  const costs = past.flatMap((each) => (each.detail ? [decimal(each.detail.cost_usd)] : []));
  return (
    <>
      <h2>Calls of this page</h2>
      <Table
        caption="Calls of this page, newest first"
        columns={COLUMNS}
        rows={past}
        keyOf={callId}
        empty="None was made yet; they are listed until the page is left."
        file="playground"
      />
      {costs.length > 0 && (
        <p>
          Together <Usd value={plain(sum(costs))} />
        </p>
      )}
    </>
  );
}
