/** A prompt's tier with the signals that it was read from, and what each tier would cost it. */

import { useState } from "preact/hooks";
import { href } from "../../address";
import { addressOf, call, type Data } from "../../api/client";
import { CopyAsCurl } from "../../parts/actions";
import { Count, Usd } from "../../parts/amount";
import { Signals } from "../../parts/plan";
import { Failed } from "../../parts/states";
import { type Column, Table } from "../../parts/table";

const CLASSIFY = "/api/cognitive-tiers/classify";
const ESTIMATE = "/api/cognitive-tiers/estimate-cost";
type Classified = Data<typeof CLASSIFY, "post">;
type Estimated = Data<typeof ESTIMATE, "post">;
type Row = Estimated["tiers"][number];

const COLUMNS: readonly Column<Row>[] = [
  { key: "tier", title: "Tier", width: 110, cell: (row) => row.tier, text: (row) => row.tier },
  {
    key: "model",
    title: "Would take it",
    width: 280,
    cell: (row) =>
      row.chosen ? <a href={href("prices", { model: row.chosen.model })}>{row.chosen.model}</a> : (row.why_none ?? "–"),
    text: (row) => row.chosen?.model ?? "",
  },
  {
    key: "quality",
    title: "Quality",
    width: 90,
    isNumber: true,
    cell: (row) => row.chosen?.quality ?? "–",
    text: (row) => String(row.chosen?.quality ?? ""),
  },
  {
    key: "expected_cost_usd",
    title: "Expected",
    width: 140,
    isNumber: true,
    cell: (row) => <Usd value={row.chosen?.expected_cost_usd} />,
    text: (row) => row.chosen?.expected_cost_usd ?? "",
  },
  {
    key: "most_cost_usd",
    title: "At most",
    width: 140,
    isNumber: true,
    cell: (row) => <Usd value={row.chosen?.most_cost_usd} />,
    text: (row) => row.chosen?.most_cost_usd ?? "",
  },
];

export function Classify() {
  const [prompt, setPrompt] = useState("");
  const [found, setFound] = useState<{ classified: Classified; estimated: Estimated } | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const body = { prompt };
  const classify = async (event: Event) => {
    event.preventDefault();
    setFailure(null);
    try {
      const [classified, estimated] = await Promise.all([
        call("post", CLASSIFY, { body }),
        call("post", ESTIMATE, { body }),
      ]);
      setFound({ classified, estimated });
    } catch (error) {
      setFailure(error);
    }
  };
  return (
    <>
      <form class="card stack attempt" onSubmit={classify}>
        <label class="filter">
          Prompt
          <textarea rows={5} required value={prompt} onInput={(event) => setPrompt(event.currentTarget.value)} />
        </label>
        <div class="toolbar">
          <button type="submit" class="primary">
            Classify
          </button>
          <CopyAsCurl request={{ verb: "post", address: addressOf(CLASSIFY), body }} />
        </div>
        <p class="quiet">It costs nothing, and the prompt is kept nowhere.</p>
      </form>
      {failure !== null && <Failed error={failure} />}
      {found && <Result {...found} />}
    </>
  );
}

function Result({ classified, estimated }: { classified: Classified; estimated: Estimated }) {
  return (
    <>
      <section class="card attempt" role="status">
        <h2>{classified.tier}</h2>
        <p>
          A score of {classified.score} from <Count value={classified.tokens} /> tokens, with a confidence of{" "}
          {classified.confidence}; a quality of {classified.minimum_quality} at least.
          {estimated.recommended_tier !== classified.tier && ` Your preferences make it ${estimated.recommended_tier}.`}
        </p>
        {classified.signals.length > 0 ? (
          <Signals signals={classified.signals} />
        ) : (
          <p class="quiet">Nothing in it speaks for a higher tier or a lower one.</p>
        )}
      </section>
      <Table
        caption="What each tier would cost"
        columns={COLUMNS}
        rows={estimated.tiers}
        keyOf={(row) => row.tier}
        empty="There is no tier."
        file="tier-costs"
      />
    </>
  );
}
