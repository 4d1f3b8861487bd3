/** Points of two figures in SVG: an amount to the right on a scale of powers of ten, a score upwards. */

import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { approximate, decimal } from "../exact/decimal";

export interface Point {
  readonly name: string;
  readonly usd: string; // exact
  readonly score: number;
  /** The kind, by its place among the plot's: it has a colour, and the first two have their names beside them. */
  readonly kind: number;
  /** Whether the line from point to point goes through it. */
  readonly isOnLine: boolean;
}

interface ScatterProps {
  readonly title: string;
  readonly across: string;
  readonly up: string;
  /** The names of the kinds. */
  readonly kinds: readonly string[];
  readonly points: readonly Point[];
}

const HEIGHT = 300;
const MARGIN = { top: 16, right: 22, bottom: 40, left: 46 };
const SCORE_TICKS = 5;
const NAMED_KINDS = 2;
const LETTER = 6.2; // pixels of a name's letter

/** The whole powers of ten around some amounts; where nothing costs anything, one of them. */
export function decades(amounts: readonly number[]): [number, number] {
  const logs = amounts.filter((each) => each > 0).map(Math.log10);
  if (logs.length === 0) return [-1, 0];
  const [low, high] = [Math.floor(Math.min(...logs)), Math.ceil(Math.max(...logs))];
  return low === high ? [low, low + 1] : [low, high];
}

export function ScatterPlot(props: ScatterProps) {
  const { title, points, kinds } = props;
  const place = useRef<HTMLElement>(null);
  const [width, setWidth] = useState(640);
  useLayoutEffect(() => {
    const element = place.current;
    if (!element) return;
    const watch = new ResizeObserver(([seen]) => setWidth(Math.max(240, Math.floor(seen?.contentRect.width ?? 0))));
    watch.observe(element);
    return () => watch.disconnect();
  }, []);
  const amounts = points.map((each) => approximate(decimal(each.usd)));
  const [low, high] = decades(amounts);
  const scores = points.map((each) => each.score);
  const floor = Math.floor(Math.min(...scores, 100) / 5) * 5;
  const ceiling = Math.max(floor + 5, Math.ceil(Math.max(...scores, floor) / 5) * 5);
  const [inner, tall] = [width - MARGIN.left - MARGIN.right, HEIGHT - MARGIN.top - MARGIN.bottom];
  // What costs nothing stands at the left edge: no power of ten is that low.
  const x = (usd: number) => MARGIN.left + (usd > 0 ? ((Math.log10(usd) - low) / (high - low)) * inner : 0);
  const y = (score: number) => MARGIN.top + tall - ((score - floor) / (ceiling - floor)) * tall;
  const spots = points.map((point, at) => ({ ...point, left: x(amounts[at] ?? 0), top: y(point.score) }));
  const joined = spots.filter((each) => each.isOnLine).sort((a, b) => a.left - b.left);
  return (
    <figure class="plot" ref={place}>
      <figcaption>
        {title}
        <ul class="legend">
          {kinds.map((each, kind) => (
            <li key={each}>
              <span class={`swatch s${kind < NAMED_KINDS ? kind : 6}`} />
              {each}
            </li>
          ))}
        </ul>
      </figcaption>
      <svg width={width} height={HEIGHT} role="img" aria-label={`${title}; the numbers are in the table below`}>
        <Axes {...props} {...{ width, low, high, floor, ceiling, x, y }} />
        <path class="line s0" d={joined.map((each, at) => `${at ? "L" : "M"}${each.left} ${each.top}`).join("")} />
        {[...spots].reverse().map((each) => (
          <circle key={`${each.kind} ${each.name}`} class={`point s${each.kind}`} cx={each.left} cy={each.top} r={4}>
            <title>{`${each.name}: ${each.score}, $${each.usd}`}</title>
          </circle>
        ))}
        <Names spots={spots} width={width} />
      </svg>
      <Numbers {...props} />
    </figure>
  );
}

interface Frame {
  readonly width: number;
  readonly low: number;
  readonly high: number;
  readonly floor: number;
  readonly ceiling: number;
  readonly x: (usd: number) => number;
  readonly y: (score: number) => number;
}

function Axes({ across, up, width, low, high, floor, ceiling, x, y }: ScatterProps & Frame) {
  const step = (ceiling - floor) / SCORE_TICKS;
  return (
    <>
      {Array.from({ length: SCORE_TICKS + 1 }, (_, at) => floor + step * at).map((score) => (
        <g key={score}>
          <line class="grid" x1={MARGIN.left} x2={width - MARGIN.right} y1={y(score)} y2={y(score)} />
          <text class="tick" x={MARGIN.left - 6} y={y(score) + 4} text-anchor="end">
            {score}
          </text>
        </g>
      ))}
      {Array.from({ length: high - low + 1 }, (_, at) => low + at).map((power) => (
        <text key={power} class="tick" x={x(10 ** power)} y={HEIGHT - 22} text-anchor="middle">
          {power >= -3 && power <= 4 ? `$${10 ** power}` : `$1e${power}`}
        </text>
      ))}
      <text class="tick" x={width - MARGIN.right} y={HEIGHT - 6} text-anchor="end">
        {across}
      </text>
      <text class="tick" x={MARGIN.left} y={10}>
        {up}
      </text>
    </>
  );
}

/** Names of the kinds that have them, each where none before it stands. */
function Names({ spots, width }: { spots: readonly (Point & { left: number; top: number })[]; width: number }) {
  const taken: { left: number; right: number; top: number }[] = [];
  const names: ComponentChildren[] = [];
  for (const each of spots) {
    const long = each.name.length * LETTER;
    const left = each.left + 7 + long < width ? each.left + 7 : each.left - 7 - long;
    const isFree = taken.every(
      (one) => Math.abs(one.top - each.top) > 12 || left > one.right || left + long < one.left,
    );
    if (each.kind >= NAMED_KINDS || left < 0 || !isFree) continue;
    taken.push({ left, right: left + long, top: each.top });
    names.push(
      <text key={`${each.kind} ${each.name}`} class="name" x={left} y={each.top + 4}>
        {each.name}
      </text>,
    );
  }
  return <>{names}</>;
}

function Numbers({ title, across, up, kinds, points }: ScatterProps) {
  return (
    <details>
      <summary>The numbers</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has no mouse scrolls it with the arrow keys */}
      <section class="scroll" tabIndex={0} aria-label={`Numbers of ${title}`}>
        <table>
          <caption>{title}</caption>
          <thead>
            <tr>
              <td />
              <th scope="col">Kind</th>
              <th scope="col" class="is-number">
                {across}
              </th>
              <th scope="col" class="is-number">
                {up}
              </th>
            </tr>
          </thead>
          <tbody>
            {points.map((each) => (
              <tr key={`${each.kind} ${each.name}`}>
                <th scope="row">{each.name}</th>
                <td>{kinds[each.kind]}</td>
                <td class="is-number">{each.usd}</td>
                <td class="is-number">{each.score}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}
