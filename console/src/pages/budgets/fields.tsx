/** Fields of a form whose faults stand beside them, and are read out with them. */

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

export interface FieldProps {
  readonly name: string;
  readonly title: string;
  readonly value: string;
  readonly fault: string | undefined;
  readonly onValue: (value: string) => void;
}

interface LabelledProps {
  readonly id: string;
  readonly title: string;
  readonly fault: string | undefined;
  readonly children: ComponentChildren;
}

function Labelled({ id, title, fault, children }: LabelledProps) {
  return (
    <div class="field">
      <label class="filter" for={id}>
        {title}
      </label>
      {children}
      {fault !== undefined && (
        <p class="bad" id={`${id}-fault`}>
          {fault}
        </p>
      )}
    </div>
  );
}

function described(id: string, fault: string | undefined) {
  return fault === undefined ? {} : ({ "aria-invalid": "true", "aria-describedby": `${id}-fault` } as const);
}

interface TypedProps extends FieldProps {
  readonly type?: "text" | "datetime-local";
  readonly inputMode?: "text" | "decimal" | "numeric";
  readonly required?: boolean;
}

/** A text as it is typed, also where it is an amount: what is wrong with it the API says. */
export function Typed(props: TypedProps) {
  const { name, title, value, fault, onValue, type = "text", inputMode = "text", required = false } = props;
  const id = useId();
  const shared = {
    id,
    name,
    inputMode,
    required,
    autoComplete: "off",
    value,
    onInput: (event: { currentTarget: HTMLInputElement }) => onValue(event.currentTarget.value),
    ...described(id, fault),
  };
  return (
    <Labelled id={id} title={title} fault={fault}>
      {type === "text" ? <input type="text" {...shared} /> : <input type="datetime-local" step={1} {...shared} />}
    </Labelled>
  );
}

export function Chosen(props: FieldProps & { among: readonly (readonly [value: string, title: string])[] }) {
  const { name, title, value, fault, onValue, among } = props;
  const id = useId();
  return (
    <Labelled id={id} title={title} fault={fault}>
      <select
        id={id}
        name={name}
        value={value}
        onChange={(event) => onValue(event.currentTarget.value)}
        {...described(id, fault)}
      >
        {among.map(([each, text]) => (
          <option key={each} value={each}>
            {text}
          </option>
        ))}
      </select>
    </Labelled>
  );
}
