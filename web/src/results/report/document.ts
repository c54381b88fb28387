// The document of a report artifact, read so that older and partial ones still show what they hold.
export type Point = readonly [x: number, y: number];

export interface Thresholds {
  /** From the highest down; a row is called positive from the threshold up. */
  threshold: number[];
  true_positives: number[];
  false_positives: number[];
  true_negatives: number[];
  false_negatives: number[];
}

export interface CalibrationBin {
  rows: number;
  mean_score: number;
  positive_share: number;
}

/** Rows of each class with a score in from ≤ score < to. */
export type HistogramBin = readonly [
  from: number,
  to: number,
  positives: number,
  negatives: number,
];

/** At a share of the rows, highest scores first: the shares of positives and negatives found. */
export type KsPoint = readonly [share: number, positives: number, negatives: number];

export interface Slice {
  value: string;
  rows: number;
  positives: number;
  base_rate: number;
  mean_score: number;
  logloss: number;
  normalised_entropy: number | null;
  calibration: number | null;
  auc: number | null;
  auc_low: number | null;
  auc_high: number | null;
}

export interface ReportModel {
  name: string;
  metrics: Record<string, number>;
  intervals: Record<string, readonly [number, number]>;
  roc: Point[];
  precisionRecall: Point[];
  gain: Point[];
  lift: Point[];
  ks: KsPoint[];
  calibration: CalibrationBin[];
  histogram: HistogramBin[];
  thresholds: Thresholds | null;
  slices: Slice[];
}

export type Verdict = "better" | "not_distinguishable" | "too_few_positives";

export interface Comparison {
  models: readonly [string, string];
  auc_difference: number;
  low: number;
  high: number;
  p_value: number;
  /** Adjusted for the number of pairs; the p-value itself in reports that hold no other. */
  adjusted_p_value: number;
  logloss_difference: number | null;
  verdict: Verdict;
  better: string | null;
}

export interface Ranking {
  /** Null: there is none, for the `reason`. */
  order: string[] | null;
  best: string[] | null;
  reason: "one_model" | "different_rows" | "too_few_positives" | null;
}

export interface ReportDocument {
  models: ReportModel[];
  threshold: number;
  sliceBy: string | null;
  comparisons: Comparison[];
  ranking: Ranking;
  notes: string[];
}

type Json = Record<string, unknown>;

const SURE = 0.05;

export function readReport(document: unknown): ReportDocument {
  const json = asObject(document);
  const models = asList(json.models).map(readModel);
  return {
    models,
    threshold: asNumber(json.threshold) ?? 0.5,
    sliceBy: typeof json.slice_by === "string" ? json.slice_by : null,
    comparisons: asList(json.comparisons).map(readComparison),
    ranking: readRanking(json.ranking, models),
    notes: asList(json.notes).map(String),
  };
}

function readModel(value: unknown): ReportModel {
  const json = asObject(value);
  const metrics = numbers(json.metrics);
  const curves = asObject(json.curves);
  return {
    name: String(json.name ?? ""),
    metrics,
    intervals: intervals(json.intervals, metrics),
    roc: points(curves.roc),
    precisionRecall: points(curves.precision_recall),
    gain: points(curves.gain),
    lift: points(curves.lift),
    ks: ksPoints(curves, metrics),
    calibration: asList(curves.calibration) as CalibrationBin[],
    histogram: asList(curves.histogram) as HistogramBin[],
    thresholds: thresholds(json.thresholds),
    slices: asList(json.slices) as Slice[],
  };
}

function readComparison(value: unknown): Comparison {
  const json = asObject(value) as Json & Comparison;
  const chance = json.adjusted_p_value ?? json.p_value;
  const verdict = json.verdict ?? (chance < SURE ? "better" : "not_distinguishable");
  const winner = json.auc_difference > 0 ? json.models[1] : json.models[0];
  return {
    ...json,
    adjusted_p_value: chance,
    logloss_difference: json.logloss_difference ?? null,
    verdict,
    better: json.better ?? (verdict === "better" ? winner : null),
  };
}

function readRanking(value: unknown, models: ReportModel[]): Ranking {
  const json = asObject(value) as Partial<Ranking>;
  const fallback = models.length < 2 ? ("one_model" as const) : null;
  return {
    order: json.order ?? null,
    best: json.best ?? null,
    reason: json.reason ?? (json.order ? null : fallback),
  };
}

/** Reports of before had no such curve: it follows from the gains and the base rate. */
function ksPoints(curves: Json, metrics: Record<string, number>): KsPoint[] {
  if (Array.isArray(curves.ks)) return curves.ks as KsPoint[];
  const rate = metrics.base_rate;
  if (!rate || rate === 1) return [];
  return points(curves.gain).map(([share, found]) => [
    share,
    found,
    (share - rate * found) / (1 - rate),
  ]);
}

function intervals(
  value: unknown,
  metrics: Record<string, number>,
): Record<string, readonly [number, number]> {
  const given = asObject(value) as Record<string, readonly [number, number]>;
  const { auc_low: low, auc_high: high } = metrics;
  return low === undefined || high === undefined ? given : { auc: [low, high], ...given };
}

function thresholds(value: unknown): Thresholds | null {
  const json = asObject(value);
  return Array.isArray(json.threshold) && json.threshold.length
    ? (json as unknown as Thresholds)
    : null;
}

function numbers(value: unknown): Record<string, number> {
  return Object.fromEntries(
    Object.entries(asObject(value)).filter(
      (entry): entry is [string, number] => typeof entry[1] === "number",
    ),
  );
}

const points = (value: unknown) => asList(value) as Point[];
const asList = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const asNumber = (value: unknown) => (typeof value === "number" ? value : null);
const asObject = (value: unknown): Json =>
  value !== null && typeof value === "object" && !Array.isArray(value) ? (value as Json) : {};
