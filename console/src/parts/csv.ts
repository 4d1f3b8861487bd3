/** What is shown, as a CSV file (RFC 4180) by the same rules as the API's own. */

const FORMULA_BEGINS = /^[=+\-@\t\r]/; // by which spreadsheets know a formula (OWASP, CSV injection)
const NUMBER = /^-?\d+(\.\d+)?$/;

function cell(text: string): string {
  const harmless = FORMULA_BEGINS.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

export function csvOf(headings: readonly string[], rows: Iterable<readonly string[]>): string {
  const lines = [headings, ...rows].map((each) => each.map(cell).join(","));
  return `${lines.join("\r\n")}\r\n`;
}

/** Have the browser save a text as a file. */
export function download(name: string, text: string, type = "text/csv"): void {
  const address = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
