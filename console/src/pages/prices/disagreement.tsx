/** Where independent lists say something else than the rate in force, by what that would cost the caller. */

import { href, useAddress } from "../../address";
import { addressOf, allPages, type ItemOf, type Query } from "../../api/client";
import { useAnswer } from "../../api/use-answer";
import { CopyAsCurl } from "../../parts/actions";
import { Usd } from "../../parts/amount";
import { ChoiceFilter, Toolbar } from "../../parts/controls";
import { Loaded } from "../../parts/states";
import { type Column, Table } from "../../parts/table";

const ROUTE = "/api/ai/pricing/consensus";
const MOST = 2_000;
const VERDICTS = ["disputed", "majority", "alone", "agreed"] as const;
type Row = ItemOf<typeof ROUTE>;

/** The most doubtful rate, with every source's word. */
function saidText(row: Row): string {
  const rate = row.rates.find((each) => each.verdict === row.verdict) ?? row.rates[0];
  if (!rate) return "";
  const others = rate.statements.map((each) => `${each.source} ${each.usd}`).join(", ");
  return `${rate.rate_key}: in force ${rate.in_force_usd} (${rate.source}); ${others || "nobody else speaks of it"}`;
}

const COLUMNS: readonly Column<Row>[] = [
  {
    key: "model",
    title: "Model",
    width: 320,
    cell: (row) => <a href={href("prices", { model: row.model })}>{row.model}</a>,
    text: (row) => row.model,
  },
  { key: "verdict", title: "Verdict", width: 100, cell: (row) => row.verdict, text: (row) => row.verdict },
  {
    key: "at_stake_usd",
    title: "At stake, 30 days",
    width: 150,
    isNumber: true,
    cell: (row) => <Usd value={row.at_stake_usd} />,
    text: (row) => row.at_stake_usd ?? "",
  },
  {
    key: "said",
    title: "Who says what, USD",
    width: 640,
    cell: (row) => <span title={saidText(row)}>{saidText(row)}</span>,
    text: saidText,
  },
];

export function Disagreement() {
  const { params } = useAddress();
  const verdict = VERDICTS.find((each) => each === params.get("verdict")) ?? "disputed";
  const query: Query<typeof ROUTE> = { verdict: [verdict] };
  const address = addressOf(ROUTE, {}, query);
  const rows = useAnswer(address, (signal) => allPages(ROUTE, query, MOST, signal));
  return (
    <>
      <Toolbar>
        <ChoiceFilter label="Verdict" param="verdict" choices={VERDICTS} />
        <CopyAsCurl request={{ verb: "get", address }} />
      </Toolbar>
      <Loaded asking={rows} what="what sources say">
        {({ items }) => (
          <Table
            caption="What sources say of the rates in force"
            columns={COLUMNS}
            rows={items}
            keyOf={(row) => row.model}
            empty="No row is judged so; before the first refresh no list has spoken yet."
            file={`consensus-${verdict}`}
          />
        )}
      </Loaded>
    </>
  );
}
