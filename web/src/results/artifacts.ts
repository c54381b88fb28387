// What the server tells of artifacts and datasets: previews, statistics, pages of rows.
import { queryOptions } from "@tanstack/react-query";
import { BASE, call, type Schemas } from "../api/client";

export type Preview =
  | Schemas["TablePreview"]
  | Schemas["ReportPreview"]
  | Schemas["FilePreview"]
  | Schemas["BundlePreview"];
export type Page = Schemas["TablePage"];
export type Statistics = Schemas["TableStatistics"];
export type ColumnStatistics = Schemas["ColumnStatistics"];

/** A table that can be paged: an artifact's or an uploaded file's. `path` is below /api/v1. */
export interface TableSource {
  path: string;
  /** What a downloaded file is called, without an ending. */
  name: string;
}

export const artifactTable = (digest: string, name: string): TableSource => ({
  path: `/artifacts/${digest}`,
  name,
});

export const datasetTable = (name: string): TableSource => ({
  path: `/datasets/${encodeURIComponent(name)}`,
  name: name.replace(/\.(csv|csv\.gz|parquet|jsonl)$/i, ""),
});

// The content behind a digest never changes, so what was read once stays true.
const FOREVER = Infinity;

export const previewOf = (digest: string) =>
  queryOptions({
    queryKey: ["preview", digest],
    queryFn: async ({ signal }) =>
      (await call<Preview>("GET", `/artifacts/${digest}/preview?limit=1`, { signal })).data,
    staleTime: FOREVER,
  });

export const artifactOf = (digest: string) =>
  queryOptions({
    queryKey: ["artifact", digest],
    queryFn: async ({ signal }) =>
      (await call<Schemas["ArtifactItem"]>("GET", `/artifacts/${digest}`, { signal })).data,
    staleTime: FOREVER,
  });

export const statisticsOf = (source: TableSource) =>
  queryOptions({
    queryKey: ["statistics", source.path],
    queryFn: async ({ signal }) =>
      (await call<Statistics>("GET", `${source.path}/statistics`, { signal })).data,
    staleTime: 60_000,
  });

export const downloadAddress = (digest: string): string =>
  `${BASE}/api/v1/artifacts/${digest}/download`;
