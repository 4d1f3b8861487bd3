/** A stream of server-sent events, put together again however its bytes were cut on the way. */

export interface Heard {
  readonly kind: "data" | "comment";
  readonly text: string;
}

/** Reads one stream: comments as they come, data when the event's empty line has come. */
export class EventReader {
  #rest = ""; // a line that has no end yet
  #data: string[] = [];

  read(piece: string): Heard[] {
    // A carriage return at the end may be the half of a line's end: it waits for what follows.
    const lines = (this.#rest + piece).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? "";
    return lines.flatMap((line) => this.#line(line));
  }

  #line(line: string): Heard[] {
    if (line === "") {
      const text = this.#data.join("\n");
      const isEvent = this.#data.length > 0;
      this.#data = [];
      return isEvent ? [{ kind: "data", text }] : [];
    }
    if (line.startsWith(":")) return [{ kind: "comment", text: line.slice(1).trim() }];
    if (line.startsWith("data:")) this.#data.push(line.slice(5).replace(/^ /, ""));
    return [];
  }
}
