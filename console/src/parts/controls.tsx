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

/** A choice that filters; the first one, of all, has no value. */
export function ChoiceFilter(props: FilterProps & { all?: string; choices: readonly (string | [string, string])[] }) {
  const { params } = useAddress();
  return (
    <label class="filter">
      {props.label}
      <select
        value={params.get(props.param) ?? ""}
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
