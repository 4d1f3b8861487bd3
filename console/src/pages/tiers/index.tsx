/** Tiers: the frontier with the tenant's choices on it, its preferences, and what a prompt would be classified as. */

import { useAddress } from "../../address";
import type { PageProps } from "../../pages";
import { Tabs } from "../../parts/controls";
import { Classify } from "./classify";
import { Frontier } from "./frontier";
import { Preferences } from "./preferences";

const TABS: readonly [string, string][] = [
  ["frontier", "Frontier and choices"],
  ["preferences", "Preferences"],
  ["classify", "Classify a prompt"],
];

export default function Tiers({ caller }: PageProps) {
  return (
    <>
      <Tabs page="tiers" tabs={TABS} label="Parts of tiers" />
      <Part name={useAddress().params.get("tab") ?? "frontier"} caller={caller} />
    </>
  );
}

function Part({ name, caller }: PageProps & { name: string }) {
  switch (name) {
    case "preferences":
      return <Preferences caller={caller} />;
    case "classify":
      return <Classify />;
    default:
      return <Frontier />;
  }
}
