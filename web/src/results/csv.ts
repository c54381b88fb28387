// Tables as CSV (RFC 4180), safe to open in a spreadsheet.
export type Cell = string | number | boolean | null | undefined;

/** Text that a spreadsheet would run as a formula gets a quote in front; numbers do not. */
function quote(cell: Cell): string {
  if (cell === null || cell === undefined) return "";
  if (typeof cell !== "string") return String(cell);
  const text = /^[=+\-@\t\r]/.test(cell) && !isNumber(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const isNumber = (text: string) => text.trim() !== "" && Number.isFinite(Number(text));

export function toCsv(columns: readonly string[], rows: Iterable<readonly Cell[]>): string {
  return [columns, ...rows].map((row) => row.map(quote).join(",")).join("\r\n") + "\r\n";
}
