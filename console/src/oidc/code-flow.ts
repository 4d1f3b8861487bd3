/** Authorization code with PKCE (RFC 6749, RFC 7636), and the exchange of the identity token for a service key. */

import { addressOf, call } from "../api/client";

const PLACE = "sign-in-begun"; // of sessionStorage: of this tab, until the issuer leads back to it
const RANDOM_BYTES = 32;
const EXCHANGE = {
  grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
  subject_token_type: "urn:ietf:params:oauth:token-type:id_token",
};

interface Begun {
  readonly issuer: string;
  readonly client: string;
  readonly tokenEndpoint: string;
  readonly redirect: string;
  readonly state: string;
  readonly verifier: string;
}

interface Discovered {
  readonly issuer: string;
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
}

/** Begin signing in by an issuer that the API trusts; returns the address to go to. */
export async function begun(issuer: string): Promise<URL> {
  const { items } = await call("get", "/api/byok/identity/sign-in");
  const trusted = items.find((each) => each.issuer === issuer);
  if (!trusted) throw new Error("People do not sign in by this issuer.");
  const known = await discovered(issuer);
  const of: Begun = {
    issuer,
    client: trusted.client_id,
    tokenEndpoint: safe(known.token_endpoint).href,
    redirect: location.origin + location.pathname,
    state: random(),
    verifier: random(),
  };
  sessionStorage.setItem(PLACE, JSON.stringify(of));
  const there = safe(known.authorization_endpoint);
  const asked = {
    response_type: "code",
    client_id: of.client,
    redirect_uri: of.redirect,
    scope: trusted.scope,
    state: of.state,
    code_challenge: await challenge(of.verifier),
    code_challenge_method: "S256",
  };
  for (const [name, value] of Object.entries(asked)) there.searchParams.set(name, value);
  return there;
}

/** Finish what the issuer has led back with; returns the service key. */
export async function finished(params: URLSearchParams): Promise<string> {
  const of = JSON.parse(sessionStorage.getItem(PLACE) ?? "null") as Begun | null;
  sessionStorage.removeItem(PLACE);
  if (!of || params.get("state") !== of.state) throw new Error("This sign-in was not begun in this tab.");
  const by = params.get("iss") ?? of.issuer; // RFC 9207
  if (by !== of.issuer) throw new Error("Another issuer has answered than was asked.");
  const code = params.get("code");
  if (!code) throw new Error(params.get("error_description") ?? params.get("error") ?? "The issuer gave no code.");
  const token = await posted<{ id_token: string }>(of.tokenEndpoint, {
    grant_type: "authorization_code",
    client_id: of.client,
    redirect_uri: of.redirect,
    code,
    code_verifier: of.verifier,
  });
  const key = await posted<{ access_token: string }>(addressOf("/api/byok/token"), {
    ...EXCHANGE,
    subject_token: token.id_token,
  });
  return key.access_token;
}

async function discovered(issuer: string): Promise<Discovered> {
  const address = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  const answer = await fetch(address, { credentials: "omit" });
  if (!answer.ok) throw new Error(`The issuer answered ${answer.status} when it was asked where people sign in.`);
  const known = (await answer.json()) as Discovered;
  if (known.issuer !== issuer) throw new Error("The issuer names itself otherwise than the API does.");
  return known;
}

/** Post a form and read the answer; a refusal is told in its own words (RFC 6749, 5.2). */
async function posted<Given>(address: string, form: Record<string, string>): Promise<Given> {
  const answer = await fetch(address, { method: "POST", body: new URLSearchParams(form), credentials: "omit" });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.error_description ?? said.error ?? `${address} answered ${answer.status}.`);
  return said as Given;
}

/** An address that may be gone to: of the web, encrypted, or of this machine. */
function safe(address: string): URL {
  const url = new URL(address);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && url.hostname === "127.0.0.1")) {
    throw new Error("The issuer names an address that is not encrypted.");
  }
  return url;
}

function random(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(RANDOM_BYTES)));
}

async function challenge(verifier: string): Promise<string> {
  return base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier))));
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}
