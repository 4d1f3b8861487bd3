/** Spend: what was spent by any two dimensions, what it would have cost elsewhere, and providers' bills beside it. */

import { useAddress } from "../../address";
import { Tabs } from "../../parts/controls";
import { Bills } from "./bills";
import { Frontier } from "./frontier";
import { TwoDimensions } from "./two-dimensions";
import { WhatIf } from "./what-if";

const TABS: readonly [string, string][] = [
  ["usage", "By two dimensions"],
  ["what-if", "On other models"],
  ["frontier", "As good for less"],
  ["bills", "Providers' bills"],
];

export default function Spend() {
  return (
    <>
      <Tabs page="spend" tabs={TABS} label="Parts of spend" />
      <Part name={useAddress().params.get("tab") ?? "usage"} />
    </>
  );
}

function Part({ name }: { name: string }) {
  switch (name) {
    case "what-if":
      return <WhatIf />;
    case "frontier":
      return <Frontier />;
    case "bills":
      return <Bills />;
    default:
      return <TwoDimensions />;
  }
}
