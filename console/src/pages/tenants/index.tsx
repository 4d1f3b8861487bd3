/** For admins: tenants, their service keys, and the log of who did what. */

import { useAddress } from "../../address";
import type { PageProps } from "../../pages";
import { Tabs } from "../../parts/controls";
import { AllTenants } from "./all-tenants";
import { Audit } from "./audit";
import { ServiceKeys } from "./service-keys";

const TABS: readonly [string, string][] = [
  ["tenants", "Tenants"],
  ["keys", "Service keys"],
  ["audit", "Audit log"],
];

export default function Tenants({ caller }: PageProps) {
  return (
    <>
      <Tabs page="tenants" tabs={TABS} label="Parts of tenants" />
      <Part name={useAddress().params.get("tab") ?? "tenants"} caller={caller} />
    </>
  );
}

function Part({ name, caller }: PageProps & { name: string }) {
  switch (name) {
    case "keys":
      return <ServiceKeys caller={caller} />;
    case "audit":
      return <Audit />;
    default:
      return <AllTenants caller={caller} />;
  }
}
