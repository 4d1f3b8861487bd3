/** Calls: the list with its filters, or the one call that the address names. */

import { useAddress } from "../../address";
import type { PageProps } from "../../pages";
import { CallList } from "./call-list";
import { OneCall } from "./one-call";

export default function Calls({ caller }: PageProps) {
  const call = useAddress().params.get("call");
  return call ? <OneCall callId={call} caller={caller} /> : <CallList />;
}
