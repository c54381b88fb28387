// All rows that pass the filters as a CSV file, read page by page.
import { call } from "../../api/client";
import type { Page, TableSource } from "../artifacts";
import { type Cell, toCsv } from "../csv";
import { saveFile } from "../download";
import { type RowsAsked, rowsAddress } from "./rows-query";

export const MAX_ROWS = 100_000;
const PAGE = 1000;

/** Saves at most MAX_ROWS rows; gives how many there were. */
export async function saveCsv(
  source: TableSource,
  asked: RowsAsked,
  onProgress: (share: number) => void,
): Promise<{ saved: number; total: number }> {
  const rows: Cell[][] = [];
  let first: Page | null = null;
  while (true) {
    const address = rowsAddress(source.path, asked, rows.length, PAGE);
    const { data } = await call<Page>("GET", address);
    first ??= data;
    rows.push(...data.rows.map((row) => row.map(asCell)));
    const wanted = Math.min(data.total, MAX_ROWS);
    onProgress(wanted ? rows.length / wanted : 1);
    if (!data.rows.length || rows.length >= wanted) break;
  }
  const names = first.columns.map((column) => column.name);
  saveFile(`${source.name}.csv`, toCsv(names, rows), "text/csv;charset=utf-8");
  return { saved: rows.length, total: first.total };
}

const asCell = (value: unknown): Cell =>
  typeof value === "object" && value !== null ? JSON.stringify(value) : (value as Cell);
