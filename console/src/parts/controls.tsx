/** Controls that stand above lists: filters whose values are in the address, and tabs. */

import type { ComponentChildren } from "preact";
import { href, setParams, useAddress } from "../address";

interface FilterProps {
  readonly label: string;
  readonly param: string;
}

/** A text that filters; it stands in the address under `param`. */
export function TextFilter({ label, param, placeholder = "" }: FilterProps & { placeholder?: string }) {
  const { params } = useAddress();
  return (
    <label class="filter">
      {label}
      <input
        type="search"
        value={params.get(param) ?? ""}
        placeholder={placeholder}
        onInput={(event) => setParams({ [param]: event.currentTarget.value })}
      />
    </label>
  );
}

/** A day (UTC) that filters; without one in the address it is `otherwise`. */
export function DayFilter({ label, param, otherwise }: FilterProps & { otherwise: string }) {
  const { params } = useAddress();
  return (
    <label class="filter">
      {label}
      <input
        type="date"
        value={params.get(param) ?? otherwise}
        onChange={(event) => setParams({ [param]: event.currentTarget.value })}
      />
    </label>
  );
}

/** A statement that filters where it is ticked; it stands in the address as `yes`. */
export function Tick({ label, param }: FilterProps) {
  const { params } = useAddress();
  return (
    <label class="tickable">
      <input
        type="checkbox"
        checked={params.get(param) === "yes"}
        onChange={(event) => setParams({ [param]: event.currentTarget.checked ? "yes" : null })}
      />
      {label}
    </label>
  );
}

/** A choice that filters; `all` is the one without a value, and where it is missing the first is chosen by itself. */
export function ChoiceFilter(props: FilterProps & { all?: string; choices: readonly (string | [string, string])[] }) {
  const { params } = useAddress();
  const [first = ""] = [props.choices[0]].flat();
  return (
    <label class="filter">
      {props.label}
      <select
        value={params.get(props.param) || (props.all === undefined ? first : "")}
        onChange={(event) => setParams({ [props.param]: event.currentTarget.value })}
      >
        {props.all !== undefined && <option value="">{props.all}</option>}
        {props.choices.map((each) => {
          const [value, title] = typeof each === "string" ? [each, each] : each;
          return (
            <option key={value} value={value}>
              {title}
            </option>
          );
        })}
      </select>
    </label>
  );
}

/** The parts of a page; the one that is shown stands in the address as `tab`. */
export function Tabs(props: { page: string; tabs: readonly [string, string][]; label: string }) {
  const { params } = useAddress();
  const shown = params.get("tab") ?? props.tabs[0]?.[0];
  return (
    <nav class="tabs" aria-label={props.label}>
      {props.tabs.map(([name, title], place) => (
        <a
          key={name}
          href={href(props.page, place === 0 ? {} : { tab: name })}
          aria-current={shown === name ? "page" : undefined}
        >
          {title}
        </a>
      ))}
    </nav>
  );
}

export function Toolbar({ children }: { children: ComponentChildren }) {
  return <div class="toolbar">{children}</div>;
}
