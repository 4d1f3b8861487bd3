/** Budgets: each with what is spent, held and left, set, changed and taken away by those who may. */

import { useState } from "preact/hooks";
import { setParams, useAddress, useTenant } from "../../address";
import { addressOf, call } from "../../api/client";
import { useAnswer } from "../../api/use-answer";
import type { PageProps } from "../../pages";
import { CopyAsCurl } from "../../parts/actions";
import { Toolbar } from "../../parts/controls";
import { Loaded } from "../../parts/states";
import { Table } from "../../parts/table";
import { may } from "../../session";
import { Clearing } from "./clearing";
import { columnsOf } from "./columns";
import { BudgetForm } from "./form";
import { type Budget, nameOf, ROUTE } from "./request";

type Deed = { readonly what: "change" | "clear"; readonly of: Budget };

export default function Budgets({ caller }: PageProps) {
  // Of another tenant all begins anew: what was chosen of one must not be done to the other.
  return <BudgetsOfTenant key={useTenant().tenant ?? ""} caller={caller} />;
}

function BudgetsOfTenant({ caller }: PageProps) {
  const { params } = useAddress();
  const tenant = useTenant();
  const address = addressOf(ROUTE, {}, tenant);
  const budgets = useAnswer(address, (signal) => call("get", ROUTE, { query: tenant }, signal));
  const [deed, setDeed] = useState<Deed | null>(null);
  const [told, setTold] = useState("");
  const choose = (what: Deed["what"]) => (of: Budget) => {
    setTold("");
    setDeed({ what, of });
  };
  const done = (sentence: string) => {
    setDeed(null);
    setTold(sentence);
    budgets.again();
  };
  const mayChange = may(caller, "budgets:write");
  const changed = deed?.what === "change" ? deed.of : null;
  return (
    <>
      <Toolbar>
        <CopyAsCurl request={{ verb: "get", address }} />
      </Toolbar>
      <Loaded asking={budgets} what="budgets">
        {({ items }) => (
          <Table
            caption="Budgets"
            columns={columnsOf(mayChange ? { onChange: choose("change"), onClear: choose("clear") } : null)}
            rows={items}
            keyOf={nameOf}
            sort={params.get("sort") ?? "scope"}
            onSort={(sort) => setParams({ sort })}
            empty="None is set: nothing bounds what may be spent."
            file="budgets"
          />
        )}
      </Loaded>
      <p role="status">{told}</p>
      {deed?.what === "clear" && (
        <Clearing
          key={nameOf(deed.of)}
          of={deed.of}
          onEnd={() => setDeed(null)}
          onDone={(wasThere) => done(wasThere ? `Taken away: ${nameOf(deed.of)}.` : "There was no such budget.")}
        />
      )}
      {mayChange && (
        <BudgetForm
          key={changed ? nameOf(changed) : ""}
          of={changed}
          onEnd={() => setDeed(null)}
          onDone={(name) => done(`Set: ${name}.`)}
        />
      )}
      {mayChange && (
        <p class="quiet">A changed limit binds the next call everywhere, a new budget within 30 seconds.</p>
      )}
    </>
  );
}
