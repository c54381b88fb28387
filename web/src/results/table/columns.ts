// Columns of a table as they are shown: how wide, on which side, in which words.
import type { ColumnStatistics } from "../artifacts";
import { formatCount, formatNumber, formatShare } from "../format";

export type Family = "number" | "text" | "time" | "truth" | "other";

/** What sort of values a type holds; types come in the words of Arrow, Ibis or DuckDB. */
export function familyOf(type: string): Family {
  const word = type.toLowerCase();
  if (/^!?bool/.test(word)) return "truth";
  if (/^(date|time|timestamp|interval|duration)(?!.*\[\]$)/.test(word)) return "time";
  if (/[[<{]|struct|list|map/.test(word)) return "other";
  if (/int|float|double|decimal|half/.test(word)) return "number";
  if (/string|varchar|utf8|text/.test(word)) return "text";
  return "other";
}

const WIDTHS: Record<Family, number> = {
  number: 176,
  text: 168,
  time: 184,
  truth: 128,
  other: 240,
};

export function widthOf(name: string, type: string): number {
  const needed = 56 + [...name].length * 7.5;
  return Math.round(Math.min(Math.max(WIDTHS[familyOf(type)], needed), 320));
}

export const alignOf = (type: string): "left" | "right" =>
  familyOf(type) === "number" ? "right" : "left";

/** A value as it stands in a cell; null for nothing, which is drawn apart. */
export function cellText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "number") {
    return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(8)));
  }
  return typeof value === "string" ? value : JSON.stringify(value);
}

export interface ColumnFacts {
  nulls: string | null;
  distinct: string | null;
  range: string | null;
  mean: number | null;
}

export function factsOf(column: ColumnStatistics, rows: number): ColumnFacts {
  const { nulls, distinct, min, max, mean } = column;
  const short = (value: unknown) =>
    typeof value === "number" ? formatNumber(value, 4) : String(value).slice(0, 18);
  return {
    nulls: rows ? formatShare(nulls / rows) : null,
    distinct: distinct === null ? null : formatCount(distinct),
    range: min === null || max === null ? null : `${short(min)} – ${short(max)}`,
    mean: familyOf(column.type) === "number" ? mean : null,
  };
}

/** Heights of a sparkline's bars, 0 to 1; what is not empty is seen. */
export function barHeights(counts: readonly number[]): number[] {
  const most = Math.max(...counts, 0);
  return counts.map((count) => (count === 0 ? 0 : Math.max(count / most, 0.06)));
}
