/** A call's attempts, one bar each from its beginning to its end, on one axis of time. */

import type { Data } from "../../api/client";

type Attempts = Data<"/api/byok/usage/calls/{call_id}">["attempts"];

const ROW = 26;
const LEFT = 4; // per cent, for the numbers of the attempts

export function TimeLine({ attempts }: { attempts: Attempts }) {
  const timed = attempts
    .filter((each) => each.latency_ms !== null)
    .map((each) => ({ each, begins: new Date(each.at).getTime(), lasts: each.latency_ms ?? 0 }));
  if (timed.length === 0) return null;
  const first = Math.min(...timed.map((one) => one.begins));
  const whole = Math.max(1, ...timed.map((one) => one.begins + one.lasts - first));
  const scale = (100 - LEFT) / whole;
  const said = timed.map(
    (one) => `attempt ${one.each.attempt} at ${one.each.model} for ${one.lasts} ms, ${one.each.status}`,
  );
  return (
    <figure class="plot">
      <figcaption>Attempts over {Math.round(whole).toLocaleString("en")} ms</figcaption>
      <svg width="100%" height={timed.length * ROW} role="img" aria-label={said.join("; ")}>
        {timed.map(({ each, begins, lasts }, place) => (
          <g key={each.attempt}>
            <text class="tick" x={0} y={place * ROW + 17}>
              {each.attempt}
            </text>
            <rect
              class={each.status === "succeeded" ? "bar s3" : "bar s7"}
              x={`${LEFT + (begins - first) * scale}%`}
              y={place * ROW + 4}
              width={`${Math.max(0.5, lasts * scale)}%`}
              height={ROW - 8}
            >
              <title>{said[place]}</title>
            </rect>
          </g>
        ))}
      </svg>
    </figure>
  );
}
