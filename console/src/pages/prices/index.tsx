/** Prices: all models, what waits for a person, what changed, where sources disagree, and how fresh they are. */

import { useAddress } from "../../address";
import type { PageProps } from "../../pages";
import { Tabs } from "../../parts/controls";
import { AllModels } from "./all-models";
import { Changes } from "./changes";
import { Disagreement } from "./disagreement";
import { OneModel } from "./one-model";
import { Quarantine } from "./quarantine";
import { Sources } from "./sources";

const TABS: readonly [string, string][] = [
  ["models", "All models"],
  ["quarantine", "Quarantine"],
  ["changes", "Changes"],
  ["disagreement", "Disagreement"],
  ["sources", "Sources"],
];

export default function Prices({ caller }: PageProps) {
  const { params } = useAddress();
  const model = params.get("model");
  if (model) return <OneModel model={model} />;
  return (
    <>
      <Tabs page="prices" tabs={TABS} label="Parts of prices" />
      <Part name={params.get("tab") ?? "models"} caller={caller} />
    </>
  );
}

function Part({ name, caller }: PageProps & { name: string }) {
  switch (name) {
    case "quarantine":
      return <Quarantine caller={caller} />;
    case "changes":
      return <Changes />;
    case "disagreement":
      return <Disagreement />;
    case "sources":
      return <Sources />;
    default:
      return <AllModels />;
  }
}
