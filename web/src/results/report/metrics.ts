// What is told of each metric: how it is written, which way is better, and what to compare with.
import { formatCount, formatFixed, formatShare } from "../format";
import type { ReportModel } from "./document";

type Better = "higher" | "lower" | "one" | null;

export interface MetricInfo {
  name: string;
  better: Better;
  format: (value: number) => string;
  /** What the metric would be without a model, by the base rate alone. */
  reference?: (metrics: Record<string, number>) => number | undefined;
}

const fixed = (value: number) => formatFixed(value, 4);
const three = (value: number) => formatFixed(value, 3);

const KNOWN: MetricInfo[] = [
  { name: "auc", better: "higher", format: fixed, reference: () => 0.5 },
  { name: "logloss", better: "lower", format: fixed, reference: (all) => all.base_rate_logloss },
  { name: "normalised_entropy", better: "lower", format: fixed, reference: () => 1 },
  { name: "pr_auc", better: "higher", format: fixed, reference: (all) => all.base_rate },
  { name: "ks", better: "higher", format: three, reference: () => 0 },
  { name: "calibration", better: "one", format: three, reference: () => 1 },
  { name: "gini", better: "higher", format: fixed, reference: () => 0 },
  {
    name: "brier",
    better: "lower",
    format: fixed,
    reference: ({ base_rate: rate }) => (rate === undefined ? undefined : rate * (1 - rate)),
  },
  { name: "group_auc", better: "higher", format: fixed, reference: () => 0.5 },
  { name: "rows", better: null, format: formatCount },
  { name: "positives", better: null, format: formatCount },
  { name: "base_rate", better: null, format: formatShare },
];

/** Told by the threshold, or part of another metric: never a row of its own. */
const ELSEWHERE = new Set([
  "accuracy",
  "precision",
  "recall",
  "f1",
  "true_positives",
  "false_positives",
  "true_negatives",
  "false_negatives",
  "auc_low",
  "auc_high",
  "auc_standard_error",
  "base_rate_logloss",
]);

/** Of all that the models hold, those worth a tile; unknown ones last, as they are. */
export function metricsOf(models: readonly ReportModel[]): MetricInfo[] {
  const held = new Set(models.flatMap((model) => Object.keys(model.metrics)));
  const known = KNOWN.filter((metric) => held.has(metric.name));
  const names = new Set(KNOWN.map((metric) => metric.name));
  const others = [...held]
    .filter((name) => !names.has(name) && !ELSEWHERE.has(name))
    .map((name): MetricInfo => ({ name, better: betterOf(name), format: fixed }));
  return [...known, ...others];
}

const betterOf = (name: string): Better => (name.startsWith("ndcg_at_") ? "higher" : null);

export function infoOf(name: string): MetricInfo {
  const known = KNOWN.find((metric) => metric.name === name);
  if (known) return known;
  const last = name
    .split(".")
    .at(-1)!
    .replace(/^validation_/, "");
  const alike = KNOWN.find((metric) => metric.name === last);
  if (alike) return { ...alike, name };
  const better = /loss|error|entropy|brier|rmse|mae/.test(last) ? "lower" : betterOf(last);
  return { name, better, format: fixed };
}

/** Places of the best values; none where no way is better, all are equal, or only one is there. */
export function bestPlaces(
  values: readonly (number | null | undefined)[],
  better: Better,
): number[] {
  if (better === null) return [];
  const rank = (value: number) =>
    better === "higher" ? value : better === "lower" ? -value : -Math.abs(Math.log(value));
  const ranks = values.map((value) =>
    typeof value === "number" && Number.isFinite(value) ? rank(value) : -Infinity,
  );
  const best = Math.max(...ranks);
  const places = ranks.flatMap((one, place) => (one === best ? [place] : []));
  const there = ranks.filter((one) => one !== -Infinity).length;
  return there < 2 || places.length === there ? [] : places;
}
