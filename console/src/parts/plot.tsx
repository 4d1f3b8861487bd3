/** Plots in SVG, each with its numbers as a table beneath: lines, steps and stacked bars. */

import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { approximate, decimal } from "../exact/decimal";

export interface Series {
  readonly name: string;
  /** Exact texts, one for each category; null where there is nothing. */
  readonly values: readonly (string | null)[];
}

interface PlotProps {
  readonly title: string;
  /** What the values are counted in, for the axis and the table. */
  readonly unit: string;
  readonly categories: readonly string[];
  readonly series: readonly Series[];
}

const HEIGHT = 220;
const MARGIN = { top: 10, right: 8, bottom: 26, left: 62 };
const COLOURS = 8; // in the style, as .s0 to .s7
const TICKS = 4;
const LABEL_WIDTH = 84; // pixels

interface Frame {
  readonly width: number;
  readonly x: (place: number) => number;
  readonly y: (value: number) => number;
  readonly step: number;
}

/** Lines through the categories. */
export function LinePlot(props: PlotProps) {
  return <Plot {...props} top={highest(props.series)} draw={(frame) => lines(props.series, frame, false)} />;
}

/** Values that hold from their category until the next. */
export function StepPlot(props: PlotProps) {
  return <Plot {...props} top={highest(props.series)} draw={(frame) => lines(props.series, frame, true)} />;
}

/** Bars that are stacked in each category. */
export function StackedBars(props: PlotProps) {
  const totals = props.categories.map((_, place) =>
    props.series.reduce((total, each) => total + number(each.values[place]), 0),
  );
  return <Plot {...props} top={Math.max(0, ...totals)} draw={(frame) => bars(props, frame)} />;
}

function Plot(props: PlotProps & { top: number; draw: (frame: Frame) => ComponentChildren }) {
  const place = useRef<HTMLElement>(null);
  const [width, setWidth] = useState(640);
  useLayoutEffect(() => {
    const element = place.current;
    if (!element) return;
    const watch = new ResizeObserver(([seen]) => setWidth(Math.max(240, Math.floor(seen?.contentRect.width ?? 0))));
    watch.observe(element);
    return () => watch.disconnect();
  }, []);
  const inner = width - MARGIN.left - MARGIN.right;
  const step = inner / Math.max(1, props.categories.length);
  const top = niceTop(props.top);
  const frame: Frame = {
    width,
    step,
    x: (each) => MARGIN.left + step * each,
    y: (value) => HEIGHT - MARGIN.bottom - (value / top) * (HEIGHT - MARGIN.top - MARGIN.bottom),
  };
  const everyNth = Math.max(1, Math.ceil((props.categories.length * LABEL_WIDTH) / inner));
  return (
    <figure class="plot" ref={place}>
      <figcaption>
        {props.title}
        <Legend series={props.series} />
      </figcaption>
      <svg width={width} height={HEIGHT} role="img" aria-label={`${props.title}; the numbers are in the table below`}>
        {Array.from({ length: TICKS + 1 }, (_, tick) => (top * tick) / TICKS).map((value) => (
          <g key={value}>
            <line class="grid" x1={MARGIN.left} x2={width - MARGIN.right} y1={frame.y(value)} y2={frame.y(value)} />
            <text class="tick" x={MARGIN.left - 6} y={frame.y(value) + 4} text-anchor="end">
              {tickText(value)}
            </text>
          </g>
        ))}
        {props.draw(frame)}
        {props.categories.map((each, number) =>
          number % everyNth === 0 ? (
            <text key={each} class="tick" x={frame.x(number) + step / 2} y={HEIGHT - 8} text-anchor="middle">
              {each}
            </text>
          ) : null,
        )}
      </svg>
      <Numbers {...props} />
    </figure>
  );
}

function Legend({ series }: { series: readonly Series[] }) {
  if (series.length < 2) return null;
  return (
    <ul class="legend">
      {series.map((each, place) => (
        <li key={each.name}>
          <span class={`swatch s${place % COLOURS}`} />
          {each.name}
        </li>
      ))}
    </ul>
  );
}

function Numbers({ title, unit, categories, series }: PlotProps) {
  return (
    <details>
      <summary>The numbers</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has no mouse scrolls it with the arrow keys */}
      <section class="scroll" tabIndex={0} aria-label={`Numbers of ${title}`}>
        <table>
          <caption>
            {title}, {unit}
          </caption>
          <thead>
            <tr>
              <td />
              {series.map((each) => (
                <th key={each.name} scope="col" class="is-number">
                  {each.name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {categories.map((category, place) => (
              <tr key={category}>
                <th scope="row">{category}</th>
                {series.map((each) => (
                  <td key={each.name} class="is-number">
                    {each.values[place] ?? "–"}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}

function lines(series: readonly Series[], frame: Frame, areSteps: boolean) {
  return series.map((each, order) => {
    const parts: string[] = [];
    each.values.forEach((value, place) => {
      if (value === null) return;
      const y = frame.y(number(value)).toFixed(1);
      const begins = place === 0 || each.values[place - 1] === null;
      const left = areSteps ? frame.x(place) : frame.x(place) + frame.step / 2;
      parts.push(`${begins ? "M" : "L"}${left.toFixed(1)} ${y}`);
      if (areSteps) parts.push(`L${frame.x(place + 1).toFixed(1)} ${y}`);
    });
    return (
      <path key={each.name} class={`line s${order % COLOURS}`} d={parts.join("")}>
        <title>{each.name}</title>
      </path>
    );
  });
}

function bars({ categories, series }: PlotProps, frame: Frame) {
  return categories.map((category, place) => {
    let below = 0;
    return (
      <g key={category}>
        {series.map((each, order) => {
          const value = number(each.values[place]);
          if (value <= 0) return null;
          const bottom = frame.y(below);
          below += value;
          const top = frame.y(below);
          return (
            <rect
              key={each.name}
              class={`bar s${order % COLOURS}`}
              x={frame.x(place) + frame.step * 0.1}
              width={Math.max(1, frame.step * 0.8)}
              y={top}
              height={Math.max(0.5, bottom - top)}
            >
              <title>{`${category}, ${each.name}: ${each.values[place]}`}</title>
            </rect>
          );
        })}
      </g>
    );
  });
}

function number(text: string | null | undefined): number {
  return text ? approximate(decimal(text)) : 0;
}

function highest(series: readonly Series[]): number {
  return Math.max(0, ...series.flatMap((each) => each.values.map(number)));
}

/** The end of an axis: 1, 2, 2.5 or 5 times a power of ten. */
export function niceTop(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 2.5, 5, 10].find((each) => each * power >= value) ?? 10) * power;
}

export function tickText(value: number): string {
  if (value === 0) return "0";
  return value >= 10_000 || value < 0.001 ? value.toExponential(1) : String(Number(value.toPrecision(3)));
}
