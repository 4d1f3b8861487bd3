/** Providers: their health now and over time, and the tenant's keys of them. */

import { useAddress } from "../../address";
import type { PageProps } from "../../pages";
import { Tabs } from "../../parts/controls";
import { Empty } from "../../parts/states";
import { may, type Scope } from "../../session";
import { Health } from "./health";
import { Keys } from "./keys";
import { OverTime } from "./over-time";

const TABS: readonly [string, string, Scope | null][] = [
  ["health", "Health and circuits", null],
  ["time", "Over time", "usage:read"],
  ["keys", "Provider keys", "keys:read"],
];

export default function Providers({ caller }: PageProps) {
  const name = useAddress().params.get("tab") ?? "health";
  const allowed = TABS.filter(([, , scope]) => may(caller, scope));
  const tabs = allowed.map(([tab, title]): [string, string] => [tab, title]);
  return (
    <>
      <Tabs page="providers" tabs={tabs} label="Parts of providers" />
      {allowed.some(([tab]) => tab === name) ? (
        <Part name={name} caller={caller} />
      ) : (
        <Empty>Your key may not see this part.</Empty>
      )}
    </>
  );
}

function Part({ name, caller }: PageProps & { name: string }) {
  switch (name) {
    case "keys":
      return <Keys caller={caller} />;
    case "time":
      return <OverTime />;
    default:
      return <Health />;
  }
}
