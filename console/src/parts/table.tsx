/** A table of any number of rows, of which only those in sight are in the document. */

import type { ComponentChildren } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { DownloadCsv } from "./actions";
import { Empty } from "./states";

export interface Column<Row> {
  readonly key: string;
  readonly title: string;
  readonly width: number; // pixels, the least
  readonly isNumber?: boolean;
  readonly cell: (row: Row) => ComponentChildren;
  /** The cell as an exact text, for files and where `order` is missing. */
  readonly text: (row: Row) => string;
  readonly order?: (a: Row, b: Row) => number;
}

const ROW_HEIGHT = 34; // pixels, as in the style
const BEYOND_SIGHT = 12; // rows above and below that are drawn in advance
const TALLEST = 560; // pixels of the box that scrolls

interface TableProps<Row> {
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  /** A column's key, with a minus before it for the largest first. */
  readonly sort?: string;
  readonly onSort?: (sort: string) => void;
  readonly onOpen?: (row: Row) => void;
  readonly empty: ComponentChildren;
  readonly file?: string;
}

/** Sort rows by a column; those of equal rank stay as they were. */
export function sorted<Row>(rows: readonly Row[], columns: readonly Column<Row>[], sort: string | undefined): Row[] {
  const key = sort?.replace(/^-/, "");
  const column = columns.find((each) => each.key === key);
  if (!column) return [...rows];
  const order =
    column.order ??
    ((a: Row, b: Row) => (column.text(a) < column.text(b) ? -1 : Number(column.text(a) > column.text(b))));
  const direction = sort?.startsWith("-") ? -1 : 1;
  return [...rows].sort((a, b) => direction * order(a, b));
}

export function Table<Row>(props: TableProps<Row>) {
  const { columns, rows, sort } = props;
  const box = useRef<HTMLElement>(null);
  const [top, setTop] = useState(0);
  const ordered = useMemo(() => sorted(rows, columns, sort), [rows, columns, sort]);
  useLayoutEffect(() => {
    if (box.current) box.current.scrollTop = 0;
    setTop(0);
  }, [rows, sort]);
  const first = Math.max(0, Math.floor(top / ROW_HEIGHT) - BEYOND_SIGHT);
  const last = Math.min(ordered.length, first + Math.ceil(TALLEST / ROW_HEIGHT) + 2 * BEYOND_SIGHT);
  const width = columns.reduce((total, each) => total + each.width, 0);
  return (
    <div class="table">
      <section
        class="scroll"
        ref={box}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has no mouse scrolls it with the arrow keys
        tabIndex={0}
        aria-label={props.caption}
        onScroll={(event) => setTop(event.currentTarget.scrollTop)}
      >
        <table aria-rowcount={ordered.length + 1} style={{ minWidth: `${width}px` }}>
          <caption class="visually-hidden">{props.caption}</caption>
          <colgroup>
            {columns.map((each) => (
              <col key={each.key} style={{ width: `${(each.width * 100) / width}%` }} />
            ))}
          </colgroup>
          <thead>
            <tr aria-rowindex={1}>
              {columns.map((each) => (
                <Heading key={each.key} column={each} sort={sort} onSort={props.onSort} />
              ))}
            </tr>
          </thead>
          <tbody>
            {first > 0 && <Spacer rows={first} columns={columns.length} />}
            {ordered.slice(first, last).map((row, place) => (
              <tr key={props.keyOf(row)} aria-rowindex={first + place + 2}>
                {columns.map((each, number) => (
                  <td key={each.key} class={each.isNumber ? "is-number" : undefined}>
                    {number === 0 && props.onOpen ? (
                      <button type="button" class="link" onClick={() => props.onOpen?.(row)}>
                        {each.cell(row)}
                      </button>
                    ) : (
                      each.cell(row)
                    )}
                  </td>
                ))}
              </tr>
            ))}
            {last < ordered.length && <Spacer rows={ordered.length - last} columns={columns.length} />}
          </tbody>
        </table>
        {ordered.length === 0 && <Empty>{props.empty}</Empty>}
      </section>
      {props.file && ordered.length > 0 && (
        <p class="below">
          <output>{ordered.length.toLocaleString("en")} rows</output>
          <DownloadCsv
            name={props.file}
            headings={columns.map((each) => each.key)}
            rows={() => ordered.map((row) => columns.map((each) => each.text(row)))}
          />
        </p>
      )}
    </div>
  );
}

function Heading<Row>(props: {
  column: Column<Row>;
  sort: string | undefined;
  onSort: ((sort: string) => void) | undefined;
}) {
  const { column, sort, onSort } = props;
  const direction = sort === column.key ? "ascending" : sort === `-${column.key}` ? "descending" : "none";
  const mark = { ascending: " ↑", descending: " ↓", none: "" }[direction];
  return (
    <th scope="col" class={column.isNumber ? "is-number" : undefined} aria-sort={onSort ? direction : undefined}>
      {onSort ? (
        <button type="button" onClick={() => onSort(direction === "ascending" ? `-${column.key}` : column.key)}>
          {column.title}
          <span aria-hidden="true">{mark}</span>
        </button>
      ) : (
        column.title
      )}
    </th>
  );
}

function Spacer({ rows, columns }: { rows: number; columns: number }) {
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it takes the focus
    <tr aria-hidden="true">
      <td colSpan={columns} class="spacer" style={{ height: `${rows * ROW_HEIGHT}px` }} />
    </tr>
  );
}
