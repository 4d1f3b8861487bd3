/** A full budget that refused a call: which one, what it holds, when there is more, and what would fit. */

import { ApiError } from "../../api/client";
import { Instant, InUnit } from "../../parts/amount";

/** What the answer tells of it (`error.details`); amounts of USD have names of their own. */
interface Told {
  readonly scope: string;
  readonly window: string;
  readonly unit: "usd" | "tokens" | "calls";
  readonly limit_usd?: string;
  readonly limit?: string;
  readonly spent_usd?: string;
  readonly spent?: string;
  readonly held_usd?: string;
  readonly held?: string;
  readonly available_usd?: string;
  readonly remaining?: string;
  readonly needed_usd?: string;
  readonly needed?: string;
  readonly resets_at?: string;
  readonly next_free?: { readonly at: string; readonly amount: string };
  readonly fits_at?: string;
  readonly max_tokens_that_fit?: number;
}

export function Refusal({ error }: { error: unknown }) {
  if (!(error instanceof ApiError && error.code === "budget_exceeded" && error.details)) return null;
  const told = error.details as Told;
  const amount = (inUsd: string | undefined, other: string | undefined) => (
    <InUnit unit={told.unit} value={inUsd ?? other ?? ""} />
  );
  return (
    <dl aria-label="The budget that refused">
      <dt>Budget</dt>
      <dd>
        {told.scope}, {told.window}
      </dd>
      <dt>Left</dt>
      <dd>
        {amount(told.available_usd, told.remaining)} of {amount(told.limit_usd, told.limit)}; spent{" "}
        {amount(told.spent_usd, told.spent)}, held by open calls {amount(told.held_usd, told.held)}
      </dd>
      <dt>This call, at most</dt>
      <dd>{amount(told.needed_usd, told.needed)}</dd>
      {told.resets_at && (
        <>
          <dt>Resets</dt>
          <dd>
            <Instant value={told.resets_at} />
          </dd>
        </>
      )}
      {told.next_free && (
        <>
          <dt>Free again</dt>
          <dd>
            <InUnit unit={told.unit} value={told.next_free.amount} /> at <Instant value={told.next_free.at} />
          </dd>
        </>
      )}
      {told.fits_at && (
        <>
          <dt>This call fits</dt>
          <dd>
            <Instant value={told.fits_at} />, if nobody spends meanwhile
          </dd>
        </>
      )}
      {told.max_tokens_that_fit !== undefined && (
        <>
          <dt>What would fit</dt>
          <dd>
            {told.max_tokens_that_fit > 0
              ? `an answer of ${told.max_tokens_that_fit} tokens at most`
              : "no answer, however short"}
          </dd>
        </>
      )}
    </dl>
  );
}
