// What a threshold means: the confusion matrix, its ratios, and the point on every curve.
import type { ReportModel, Thresholds } from "./document";

export interface Decision {
  /** The score from which rows are called positive; the one of the report nearest to that asked. */
  threshold: number;
  truePositives: number;
  falsePositives: number;
  trueNegatives: number;
  falseNegatives: number;
}

export interface Ratios {
  /** Null where no row is called positive. */
  precision: number | null;
  recall: number;
  falsePositiveRate: number;
  accuracy: number;
  f1: number;
  /** Share of the rows that are called positive. */
  called: number;
  lift: number | null;
  ks: number;
}

/** The decision at a threshold; exact at that of the report, elsewhere at the nearest listed. */
export function decisionAt(
  model: ReportModel,
  threshold: number,
  reported: number,
): Decision | null {
  if (threshold === reported && model.metrics.true_positives !== undefined) {
    return fromMetrics(model.metrics, threshold);
  }
  const { thresholds } = model;
  if (!thresholds) return null;
  if (threshold > (thresholds.threshold[0] ?? 0)) return noneCalled(thresholds, threshold);
  return listed(thresholds, nearest(thresholds.threshold, threshold));
}

export function ratiosOf(decision: Decision): Ratios {
  const { truePositives, falsePositives, trueNegatives, falseNegatives } = decision;
  const called = truePositives + falsePositives;
  const positives = truePositives + falseNegatives;
  const negatives = falsePositives + trueNegatives;
  const rows = positives + negatives;
  const precision = called ? truePositives / called : null;
  const recall = ratio(truePositives, positives);
  const falsePositiveRate = ratio(falsePositives, negatives);
  return {
    precision,
    recall,
    falsePositiveRate,
    accuracy: ratio(truePositives + trueNegatives, rows),
    f1: ratio(2 * truePositives, called + positives),
    called: ratio(called, rows),
    lift: precision === null ? null : ratio(precision * rows, positives),
    ks: recall - falsePositiveRate,
  };
}

/** The listed threshold at which a ratio is largest. */
export function bestThreshold(model: ReportModel, by: "f1" | "ks"): number | null {
  const { thresholds } = model;
  if (!thresholds) return null;
  let best = { threshold: thresholds.threshold[0]!, value: -Infinity };
  thresholds.threshold.forEach((threshold, place) => {
    const value = ratiosOf(listed(thresholds, place))[by];
    if (value > best.value) best = { threshold, value };
  });
  return best.threshold;
}

/** From the lowest to the highest score of all models; 0 to 1 where no thresholds are known. */
export function thresholdRange(models: readonly ReportModel[]): [low: number, high: number] {
  const all = models.flatMap((model) => (model.thresholds ? [model.thresholds.threshold] : []));
  if (!all.length) return [0, 1];
  const low = Math.min(...all.map((list) => list.at(-1)!));
  const high = Math.max(...all.map((list) => list[0]!));
  return low < high ? [low, high] : [0, 1];
}

function fromMetrics(metrics: Record<string, number>, threshold: number): Decision {
  return {
    threshold,
    truePositives: metrics.true_positives ?? 0,
    falsePositives: metrics.false_positives ?? 0,
    trueNegatives: metrics.true_negatives ?? 0,
    falseNegatives: metrics.false_negatives ?? 0,
  };
}

function listed(thresholds: Thresholds, place: number): Decision {
  return {
    threshold: thresholds.threshold[place]!,
    truePositives: thresholds.true_positives[place]!,
    falsePositives: thresholds.false_positives[place]!,
    trueNegatives: thresholds.true_negatives[place]!,
    falseNegatives: thresholds.false_negatives[place]!,
  };
}

function noneCalled(thresholds: Thresholds, threshold: number): Decision {
  const { truePositives, falsePositives, trueNegatives, falseNegatives } = listed(thresholds, 0);
  return {
    threshold,
    truePositives: 0,
    falsePositives: 0,
    trueNegatives: trueNegatives + falsePositives,
    falseNegatives: falseNegatives + truePositives,
  };
}

/** Place of the value nearest to the target in a falling list, by bisection. */
function nearest(falling: readonly number[], target: number): number {
  let [low, high] = [0, falling.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (falling[middle]! > target) low = middle + 1;
    else high = middle;
  }
  const before = Math.max(low - 1, 0);
  return falling[before]! - target < target - falling[low]! ? before : low;
}

const ratio = (part: number, whole: number) => (whole ? part / whole : 0);
