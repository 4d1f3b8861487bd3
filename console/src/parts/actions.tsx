/** What can be done with what is shown: the request behind it as curl, and its rows as a file. */

import { useState } from "preact/hooks";
import type { RawRequest } from "../api/client";
import { csvOf, download } from "./csv";

const TOLD_MS = 2_000;

/** The request as a line for a terminal; the key stays a variable. */
export function curlOf(request: RawRequest): string {
  const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  const parts = ["curl -s", '-H "Authorization: Bearer $KEY"'];
  if (request.verb !== "get") parts.push(`-X ${request.verb.toUpperCase()}`);
  if (request.body !== undefined) {
    parts.push("-H 'Content-Type: application/json'", `-d ${quoted(JSON.stringify(request.body))}`);
  }
  return [...parts, quoted(request.address)].join(" ");
}

export function CopyAsCurl({ request }: { request: RawRequest }) {
  const [told, setTold] = useState("");
  const copy = async () => {
    const line = curlOf(request);
    try {
      await navigator.clipboard.writeText(line);
      setTold("Copied");
    } catch {
      // Clipboards belong to secure pages that have the focus; elsewhere the line is shown to be copied by hand.
      setTold(line);
    }
    setTimeout(() => setTold(""), TOLD_MS * (told === "Copied" ? 1 : 15));
  };
  return (
    <span class="copy">
      <button type="button" onClick={copy}>
        Copy as curl
      </button>
      <output>{told && (told === "Copied" ? told : <code>{told}</code>)}</output>
    </span>
  );
}

export function DownloadCsv(props: {
  name: string;
  headings: readonly string[];
  rows: () => Iterable<readonly string[]>;
}) {
  return (
    <button type="button" onClick={() => download(`${props.name}.csv`, csvOf(props.headings, props.rows()))}>
      Download CSV
    </button>
  );
}
