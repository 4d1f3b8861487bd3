/** The address of what is shown: a page and its filters behind the `#`, so that a link can be shared. */

import { useEffect, useState } from "preact/hooks";

export interface Address {
  readonly page: string;
  readonly params: URLSearchParams;
}

export type Params = Record<string, string | null | undefined>;

const MOVED = "address-moved";
export const TENANT = "tenant";

function current(): Address {
  const [page = "", query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  return { page: decodeURIComponent(page), params: new URLSearchParams(query) };
}

/** The address of a page with filters; empty ones are left out. The tenant that is looked at stays the same. */
export function href(page: string, params: Params = {}): string {
  const query = new URLSearchParams();
  const all = { [TENANT]: current().params.get(TENANT), ...params };
  for (const [name, value] of Object.entries(all)) if (value) query.set(name, value);
  const text = query.toString();
  return `#/${page}${text ? `?${text}` : ""}`;
}

/** The address now; the component is drawn again when it changes. */
export function useAddress(): Address {
  const [address, setAddress] = useState(current);
  useEffect(() => {
    const moved = () => setAddress(current());
    addEventListener("hashchange", moved);
    addEventListener(MOVED, moved);
    return () => {
      removeEventListener("hashchange", moved);
      removeEventListener(MOVED, moved);
    };
  }, []);
  return address;
}

/** Another tenant that the operator looks at, as the routes take it; nothing for the caller's own. */
export function useTenant(): { readonly tenant?: string } {
  const tenant = useAddress().params.get(TENANT);
  return tenant ? { tenant } : {};
}

/** Change some filters of the page that is shown, without a step in the browser's history. */
export function setParams(changed: Params): void {
  const { page, params } = current();
  const all: Params = { ...Object.fromEntries(params), ...changed };
  history.replaceState(null, "", href(page, all));
  dispatchEvent(new Event(MOVED));
}
