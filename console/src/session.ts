/** Who is signed in: a service key, kept until the tab is closed, and what it may do. */

import type { components } from "./api/generated/byok";

export type Caller = components["schemas"]["CallerOut"];
export type Scope = Caller["scopes"][number];

const PLACE = "service-key"; // of sessionStorage: gone with the tab, and never sent anywhere by the browser

let key: string | null = sessionStorage.getItem(PLACE);
const listeners = new Set<() => void>();

export function serviceKey(): string | null {
  return key;
}

export function signIn(given: string): void {
  key = given;
  sessionStorage.setItem(PLACE, given);
}

export function signOut(): void {
  key = null;
  sessionStorage.removeItem(PLACE);
  for (const tell of listeners) tell();
}

/** Hear of the end of a session, whoever ended it; returns what stops the listening. */
export function onSignOut(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function may(caller: Caller, scope: Scope | null): boolean {
  return scope === null || caller.scopes.includes(scope);
}

/** The deployment's environment, which is the second word of every service key. */
export function environmentOf(key: string | null): string {
  return key?.split("_")[1] ?? "";
}
