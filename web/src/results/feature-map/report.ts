// The report of how well a feature map covers a table, read as fields like those of the map itself.
import { type FeatureMap, type Field, type FieldKind, readFeatureMap } from "./document";

interface Entry {
  name: string;
  type: FieldKind;
  size: number;
  used: number;
  covered: number | null;
  missing: number | null;
  unknown: number | null;
  distinct?: number;
  collisions?: number;
  top: { feature: string; count: number; label_rate: number | null }[];
}

interface Report {
  rows: number;
  feature_size: number;
  label_rate: number | null;
  fields: Entry[];
}

export const isFeatureReport = (document: Record<string, unknown>): boolean =>
  Array.isArray(document.fields) && !Array.isArray(document.models);

export function readFeatureReport(document: Record<string, unknown>): FeatureMap {
  const { rows, feature_size, label_rate, fields } = document as unknown as Report;
  const map = readFeatureMap({ rows, feature_size, fields: [] });
  return { ...map, labelRate: label_rate, fields: fields.map(readEntry) };
}

function readEntry(entry: Entry): Field {
  const { name, type, size, used, missing, unknown, distinct, collisions, top } = entry;
  return {
    name,
    columns: [name],
    kind: type,
    isCross: name.includes("*"),
    isMulti: false,
    sharedWith: null,
    indices: size,
    used,
    vocabulary: null,
    coverage: missing === null ? null : 1 - missing,
    unknown: type === "categorical" ? unknown : null,
    collisions: collisions ?? null,
    distinct: distinct ?? null,
    transform: null,
    statistics: { min: null, max: null, mean: null, std: null },
    boundaries: [],
    values: top.map(({ feature, count, label_rate: rate }) => ({
      text: feature,
      count,
      labelRate: rate,
    })),
  };
}
