/** What stands in the place of an answer: that it is on its way, why it is not there, that there is nothing. */

import type { ComponentChildren } from "preact";
import { ApiError } from "../api/client";
import type { Asking } from "../api/use-answer";

export function Loading({ what }: { what: string }) {
  return (
    <div class="loading" role="status">
      <span class="bar" />
      <span class="bar" />
      <span class="bar" />
      <span class="visually-hidden">Loading {what}</span>
    </div>
  );
}

export function Failed({ error, again }: { error: unknown; again?: () => void }) {
  const of = error instanceof ApiError ? error : null;
  return (
    <div class="failed" role="alert">
      <p>{of ? of.message : "The console failed here; that is a mistake of ours."}</p>
      {of?.requestId && <p class="quiet">Request {of.requestId}</p>}
      {again && (
        <button type="button" onClick={again}>
          Try again
        </button>
      )}
    </div>
  );
}

export function Empty({ children }: { children: ComponentChildren }) {
  return <p class="empty">{children}</p>;
}

/** Show an answer when it is there; while it is asked for again, what was there before. */
export function Loaded<D>(props: { asking: Asking<D>; what: string; children: (data: D) => ComponentChildren }) {
  const { answer, again } = props.asking;
  switch (answer.state) {
    case "there":
      return props.children(answer.data);
    case "failed":
      return <Failed error={answer.error} again={again} />;
    case "loading":
      return answer.before === null ? <Loading what={props.what} /> : props.children(answer.before);
  }
}
