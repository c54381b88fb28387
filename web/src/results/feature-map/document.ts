// The document of a feature map: fields, how much they take, how much of the rows they cover.
export type FieldKind = "numeric" | "bucket" | "categorical" | "hashed";

export interface FieldValue {
  text: string;
  count: number;
  /** Share of its rows that are positive; null: not measured. */
  labelRate: number | null;
}

export interface Field {
  name: string;
  columns: string[];
  kind: FieldKind;
  isCross: boolean;
  isMulti: boolean;
  /** Whose vocabulary it uses; null: its own. */
  sharedWith: string | null;
  /** Indices, and so rows of the embedding, that it takes. */
  indices: number;
  /** Of the indices, those that occur in the rows; null: not measured. */
  used: number | null;
  /** Values that have an index; null where values have none of their own. */
  vocabulary: number | null;
  /** Share of the rows in which it is there; null: not known. */
  coverage: number | null;
  /** Share of the rows whose value is too rare for an index; null: not known. */
  unknown: number | null;
  collisions: number | null;
  distinct: number | null;
  transform: string | null;
  statistics: { min: number | null; max: number | null; mean: number | null; std: number | null };
  boundaries: number[];
  values: FieldValue[];
}

export interface FeatureMap {
  rows: number;
  label: string | null;
  featureSize: number;
  missingValues: string[];
  /** Share of the rows that are positive; null: not measured. */
  labelRate: number | null;
  fields: Field[];
}

type Json = Record<string, unknown>;

/** Lists that were cut for a preview end in how long they were: "… 1,234 in all". */
const CUT = /^… ([\d,]+) in all$/;

function cutList(value: unknown): { items: unknown[]; length: number; isWhole: boolean } {
  const items = Array.isArray(value) ? value : [];
  const match = typeof items.at(-1) === "string" && CUT.exec(items.at(-1) as string);
  if (!match) return { items, length: items.length, isWhole: true };
  const length = Number(match[1]!.replaceAll(",", ""));
  return { items: items.slice(0, -1), length, isWhole: false };
}

export function isCut(document: unknown): boolean {
  const { fields } = (document ?? {}) as { fields?: unknown };
  const listed = cutList(fields);
  return (
    !listed.isWhole ||
    (listed.items as Json[]).some((field) =>
      [field.values, field.boundaries].some((list) => !cutList(list).isWhole),
    )
  );
}

export function readFeatureMap(document: unknown): FeatureMap {
  const json = (document ?? {}) as Json;
  const rows = asNumber(json.rows) ?? 0;
  const fields = cutList(json.fields).items.filter(isField);
  return {
    rows,
    label: typeof json.label === "string" ? json.label : null,
    featureSize: asNumber(json.feature_size) ?? 0,
    labelRate: null,
    missingValues: cutList(json.missing_values).items.map(String),
    fields: fields.filter((field) => !asNumber(field.slot)).map((field) => readField(field, rows)),
  };
}

const isField = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && "name" in value;

function readField(json: Json, rows: number): Field {
  const kind = (json.type ?? "categorical") as FieldKind;
  const values = cutList(json.values);
  const counts = cutList(json.counts);
  const missing = asNumber(json.missing);
  const isMulti = typeof json.slots === "number";
  const shared = typeof json.vocabulary === "string" ? json.vocabulary : null;
  const columns = Array.isArray(json.columns) ? json.columns.map(String) : [String(json.name)];
  const hasVocabulary = kind === "categorical" && !shared;
  return {
    name: String(json.name),
    columns,
    kind,
    isCross: columns.length > 1,
    isMulti,
    sharedWith: shared,
    indices: shared ? 0 : indicesOf(kind, json, values.length),
    used: null,
    vocabulary: hasVocabulary ? values.length : null,
    coverage: rows && missing !== null ? 1 - missing / rows : null,
    unknown:
      hasVocabulary && !isMulti && counts.isWhole
        ? unknownShare(rows, missing ?? 0, counts.items as number[])
        : null,
    collisions: asNumber(json.collisions),
    distinct: asNumber(json.distinct),
    transform: typeof json.transform === "string" ? json.transform : null,
    statistics: {
      min: asNumber(json.min),
      max: asNumber(json.max),
      mean: asNumber(json.mean),
      std: asNumber(json.std),
    },
    boundaries: cutList(json.boundaries).items.filter((end) => typeof end === "number"),
    values: readValues(values.items, counts.items, json),
  };
}

function indicesOf(kind: FieldKind, json: Json, values: number): number {
  switch (kind) {
    case "numeric":
      return 2;
    case "bucket":
      return 2 + cutList(json.boundaries).length;
    case "hashed":
      return 1 + (asNumber(json.buckets) ?? 0);
    case "categorical":
      return 2 + values;
  }
}

function unknownShare(rows: number, missing: number, counts: readonly number[]): number | null {
  const known = counts.reduce((sum, count) => sum + count, 0);
  return rows ? Math.max(rows - missing - known, 0) / rows : null;
}

function readValues(values: unknown[], counts: unknown[], json: Json): FieldValue[] {
  const rates = cutList(json.label_rates ?? json.label_rate).items;
  const positives = cutList(json.positives).items;
  return values.map((value, place) => {
    const count = asNumber(counts[place]) ?? 0;
    const positive = asNumber(positives[place]);
    const fromPositives = positive !== null && count ? positive / count : null;
    return { text: String(value), count, labelRate: asNumber(rates[place]) ?? fromPositives };
  });
}

const asNumber = (value: unknown): number | null => (typeof value === "number" ? value : null);
