// Rows of a table as they come into view: read in blocks, kept for as long as the view lives.
import { keepPreviousData, useQueries, useQuery } from "@tanstack/react-query";
import { call } from "../../api/client";
import type { Page, TableSource } from "../artifacts";
import { type RowsAsked, rowsAddress } from "./rows-query";

export const BLOCK = 100;

/** One block; wide rows come in several answers. */
async function readBlock(
  source: TableSource,
  asked: RowsAsked,
  block: number,
  signal: AbortSignal,
): Promise<Page> {
  const start = block * BLOCK;
  let page = null as Page | null;
  while (true) {
    const have = page?.rows.length ?? 0;
    const address = rowsAddress(source.path, asked, start + have, BLOCK - have);
    const { data } = await call<Page>("GET", address, { signal });
    page = page ? { ...page, rows: [...page.rows, ...data.rows] } : data;
    const wanted = Math.min(BLOCK, page.total - start);
    if (!data.rows.length || page.rows.length >= wanted) return page;
  }
}

const blockQuery = (source: TableSource, asked: RowsAsked, block: number) => ({
  queryKey: ["rows", source.path, asked, block],
  queryFn: ({ signal }: { signal: AbortSignal }) => readBlock(source, asked, block, signal),
  staleTime: Infinity,
  retry: 1,
});

/** Columns and count, from the first block. */
export function useFirstBlock(source: TableSource, asked: RowsAsked) {
  return useQuery({ ...blockQuery(source, asked, 0), placeholderData: keepPreviousData });
}

/** A row by its number; null while it is on its way. */
export function useRows(source: TableSource, asked: RowsAsked, first: number, last: number) {
  const from = Math.floor(first / BLOCK);
  const to = Math.max(from, Math.floor(last / BLOCK));
  const blocks = Array.from({ length: to - from + 1 }, (_, place) => from + place);
  const found = useQueries({ queries: blocks.map((block) => blockQuery(source, asked, block)) });
  const byBlock = new Map(blocks.map((block, place) => [block, found[place]?.data]));
  return (row: number): unknown[] | null =>
    byBlock.get(Math.floor(row / BLOCK))?.rows[row % BLOCK] ?? null;
}
