/** All pages, in the order of the menu: who may see each, and where it is loaded from when it is first opened. */

import type { ComponentType } from "preact";
import type { Caller, Scope } from "./session";

export interface PageProps {
  readonly caller: Caller;
}

export interface Page {
  readonly name: string; // in the address
  readonly title: string;
  readonly scope: Scope | null; // that a key needs; null: any key
  readonly load: () => Promise<{ default: ComponentType<PageProps> }>;
}

export const PAGES: readonly Page[] = [
  { name: "", title: "Overview", scope: null, load: () => import("./pages/overview") },
  { name: "prices", title: "Prices", scope: null, load: () => import("./pages/prices") },
  { name: "spend", title: "Spend", scope: "usage:read", load: () => import("./pages/spend") },
  { name: "budgets", title: "Budgets", scope: "usage:read", load: () => import("./pages/budgets") },
  { name: "calls", title: "Calls", scope: "usage:read", load: () => import("./pages/calls") },
  { name: "providers", title: "Providers", scope: null, load: () => import("./pages/providers") },
  { name: "tiers", title: "Tiers", scope: null, load: () => import("./pages/tiers") },
  { name: "playground", title: "Playground", scope: "chat", load: () => import("./pages/playground") },
  { name: "tenants", title: "Tenants", scope: "admin", load: () => import("./pages/tenants") },
];
