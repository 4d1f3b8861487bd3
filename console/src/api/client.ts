/** The API as its OpenAPI documents have it: paths, parameters and answers are checked when the console is built. */

import { serviceKey, signOut } from "../session";
import type { paths as Byok } from "./generated/byok";
import type { paths as Chat } from "./generated/chat";
import type { paths as Pricing } from "./generated/pricing";
import type { paths as Registry } from "./generated/registry";
import type { paths as Tiers } from "./generated/tiers";

type Paths = Byok & Chat & Pricing & Registry & Tiers;
export type Verb = "get" | "post" | "put" | "patch" | "delete";
export type PathOf<V extends Verb> = {
  [P in keyof Paths]: Paths[P] extends { [K in V]: { responses: unknown } } ? P : never;
}[keyof Paths] &
  string;
type Operation<P extends keyof Paths, V extends Verb> = Paths[P] extends { [K in V]: infer O } ? O : never;
type Answer<O> = O extends { responses: infer R }
  ? { [S in keyof R]: R[S] extends { content: { "application/json": infer B } } ? B : never }[keyof R]
  : never;

/** What the `data` of an answer holds; answers of `/v1` that have none are what they are. */
export type Data<P extends keyof Paths, V extends Verb = "get"> =
  Answer<Operation<P, V>> extends { data: infer D } ? NonNullable<D> : Answer<Operation<P, V>>;
export type Query<P extends keyof Paths, V extends Verb = "get"> =
  Operation<P, V> extends { parameters: { query?: infer Q } } ? NonNullable<Q> : Record<never, never>;
export type Body<P extends keyof Paths, V extends Verb> =
  Operation<P, V> extends { requestBody: { content: { "application/json": infer B } } } ? B : undefined;

/** A request before it is sent; `path` fills the braces of the route. */
export interface Asked<P extends keyof Paths, V extends Verb> {
  readonly path?: Record<string, string>;
  readonly query?: Query<P, V>;
  readonly body?: Body<P, V>;
}

export interface RawRequest {
  readonly verb: string;
  readonly address: string;
  readonly body?: unknown;
  /** A body that is JSON already, to be sent as it stands. */
  readonly spelt?: string;
}

/** A refusal or a failure, in the API's own words. */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly code: string,
    readonly requestId: string | null,
    readonly details: unknown = null,
  ) {
    super(message);
  }
}

/** Where the API is: beside the console, behind whatever stands before both. */
export const ORIGIN: URL = new URL("..", document.baseURI);

/** The address of a route with its parameters. */
export function addressOf(route: string, path: Record<string, string> = {}, query: object = {}): string {
  const filled = route.replace(/\{(\w+)\}/g, (_, name: string) =>
    (path[name] ?? "").split("/").map(encodeURIComponent).join("/"),
  );
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each !== undefined && each !== null && each !== "") params.append(name, String(each));
    }
  }
  const text = params.toString();
  return new URL(filled.slice(1) + (text ? `?${text}` : ""), ORIGIN).href;
}

/** Send a request with the service key and return the answer; throws ApiError for every failure, signed out at 401. */
export async function send(request: RawRequest, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set("authorization", `Bearer ${serviceKey() ?? ""}`);
  const body = request.spelt ?? (request.body === undefined ? null : JSON.stringify(request.body));
  if (body !== null) headers.set("content-type", "application/json");
  let answer: Response;
  try {
    answer = await fetch(request.address, {
      ...init,
      method: request.verb.toUpperCase(),
      headers,
      credentials: "omit",
      ...(body !== null && { body }),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError("The service could not be reached.", 0, "unreachable", null);
  }
  if (answer.ok) return answer;
  const failure = await failureOf(answer);
  if (answer.status === 401) signOut();
  throw failure;
}

async function failureOf(answer: Response): Promise<ApiError> {
  const requestId = answer.headers.get("x-request-id");
  const text = await answer.text();
  let said: { error?: { message?: string; code?: string; details?: unknown } } = {};
  try {
    said = JSON.parse(text);
  } catch {
    // A gateway on the way may answer with a page of its own; its status is told.
  }
  const message = said.error?.message ?? `The service answered ${answer.status}.`;
  return new ApiError(message, answer.status, said.error?.code ?? "unknown", requestId, said.error?.details);
}

/** Call a route and return its data. */
export async function call<V extends Verb, P extends PathOf<V>>(
  verb: V,
  route: P,
  asked: Asked<P, V> = {},
  signal?: AbortSignal,
): Promise<Data<P, V>> {
  const address = addressOf(route, asked.path, asked.query);
  const answer = await send({ verb, address, body: asked.body }, signal ? { signal } : {});
  const json = await answer.json();
  return ("data" in json ? json.data : json) as Data<P, V>;
}

/** Call a GET whose answers come page by page, and return the items of them all, up to a limit. */
export async function allPages<P extends PathOf<"get">>(
  route: P,
  query: Query<P>,
  most: number,
  signal?: AbortSignal,
): Promise<{ items: ItemOf<P>[]; more: boolean }> {
  const items: ItemOf<P>[] = [];
  let cursor: string | null = null;
  do {
    const page: unknown = await call("get", route, { query: { limit: 200, ...query, cursor } as Query<P> }, signal);
    const { items: some, next_cursor } = page as { items: ItemOf<P>[]; next_cursor: string | null };
    items.push(...some);
    cursor = next_cursor;
  } while (cursor !== null && items.length < most);
  return { items, more: cursor !== null };
}

export type ItemOf<P extends keyof Paths> = Data<P> extends { items: (infer I)[] } ? I : never;
