// The drawing of every curve of a report: one line a model, one mark where the threshold lies.
import { baseOption, line, marker, type Option, referenceLine, verticalLine } from "../charts/base";
import type { Colours } from "../charts/colours";
import { formatCount, formatFixed, formatNumber, formatShare } from "../format";
import type { HistogramBin, KsPoint, ReportModel } from "./document";
import { type Ratios, ratiosOf } from "./threshold";
import type { Decision } from "./threshold";

/** A model that is drawn: `place` is its number in the report, and so its colour and dash. */
export interface Shown {
  model: ReportModel;
  place: number;
  decision: Decision | null;
}

/** Names of axes and lines, in the language of the page. */
export type Texts = (key: string) => string;

type Point = readonly [number, number];

interface Curve {
  points(model: ReportModel): readonly Point[];
  /** The point of a threshold; null where there is none. */
  at(ratios: Ratios): Point | null;
  x: string;
  y: string;
  shareX: boolean;
  shareY: boolean;
  reference(shown: readonly Shown[]): readonly Point[];
}

export const CURVES = {
  roc: {
    points: (model) => model.roc,
    at: (ratios) => [ratios.falsePositiveRate, ratios.recall],
    x: "axis.false_positive_rate",
    y: "axis.recall",
    shareX: true,
    shareY: true,
    reference: () => [
      [0, 0],
      [1, 1],
    ],
  },
  pr: {
    points: (model) => model.precisionRecall,
    at: (ratios) => (ratios.precision === null ? null : [ratios.recall, ratios.precision]),
    x: "axis.recall",
    y: "axis.precision",
    shareX: true,
    shareY: true,
    reference: ([first]) => {
      const rate = first?.model.metrics.base_rate;
      return rate === undefined
        ? []
        : [
            [0, rate],
            [1, rate],
          ];
    },
  },
  gain: {
    points: (model) => model.gain,
    at: (ratios) => [ratios.called, ratios.recall],
    x: "axis.rows",
    y: "axis.found",
    shareX: true,
    shareY: true,
    reference: () => [
      [0, 0],
      [1, 1],
    ],
  },
  lift: {
    points: (model) => model.lift,
    at: (ratios) => (ratios.lift === null ? null : [ratios.called, ratios.lift]),
    x: "axis.rows",
    y: "axis.lift",
    shareX: true,
    shareY: false,
    reference: () => [
      [0, 1],
      [1, 1],
    ],
  },
} satisfies Record<string, Curve>;

export type CurveName = keyof typeof CURVES;

const share = (value: number) => formatShare(value);
const fixed = (value: number) => formatFixed(value, 1);

export function curveOption(
  name: CurveName,
  shown: readonly Shown[],
  colours: Colours,
  text: Texts,
): Option {
  const curve: Curve = CURVES[name];
  const x = { name: text(curve.x), min: 0, max: 1, format: share };
  const y = curve.shareY
    ? { name: text(curve.y), min: 0, max: 1, format: share }
    : { name: text(curve.y), min: 0, format: fixed };
  return {
    ...baseOption(x, y, colours),
    series: [
      referenceLine(curve.reference(shown), colours),
      ...shown.map(({ model, place }) => line(place, model.name, curve.points(model), colours)),
      ...marks(shown, (ratios) => curve.at(ratios), colours),
    ],
  };
}

function marks(
  shown: readonly Shown[],
  at: (ratios: Ratios) => Point | null,
  colours: Colours,
): Option[] {
  return shown.flatMap(({ model, place, decision }) => {
    const point = decision && at(ratiosOf(decision));
    return point ? [marker(place, model.name, point, colours)] : [];
  });
}

/** One model: both distributions and the widest gap. Several: the gap of each. */
export function ksOption(shown: readonly Shown[], colours: Colours, text: Texts): Option {
  const only = shown.length === 1 ? shown[0]! : null;
  const x = { name: text("axis.rows"), min: 0, max: 1, format: share };
  const y = { name: text(only ? "axis.found_share" : "axis.gap"), min: 0, max: 1, format: share };
  return {
    ...baseOption(x, only ? y : { ...y, max: undefined }, colours),
    series: only ? bothClasses(only, colours, text) : gaps(shown, colours),
  };
}

function bothClasses({ model, decision }: Shown, colours: Colours, text: Texts): Option[] {
  const positives = model.ks.map(([x, found]) => [x, found]);
  const negatives = model.ks.map(([x, , found]) => [x, found]);
  const widest = widestGap(model.ks);
  const called = decision && ratiosOf(decision);
  return [
    line(0, text("class.positives"), positives, colours),
    line(1, text("class.negatives"), negatives, colours),
    ...(widest
      ? [referenceLine([[widest[0], widest[1]], [widest[0], widest[2]]], colours)] // prettier-ignore
      : []),
    ...(called
      ? [
          marker(0, text("class.positives"), [called.called, called.recall], colours),
          marker(1, text("class.negatives"), [called.called, called.falsePositiveRate], colours),
        ]
      : []),
  ];
}

function gaps(shown: readonly Shown[], colours: Colours): Option[] {
  const curves = shown.map(({ model, place }) =>
    line(
      place,
      model.name,
      model.ks.map(([x, positives, negatives]) => [x, positives - negatives]),
      colours,
    ),
  );
  return [...curves, ...marks(shown, (ratios) => [ratios.called, ratios.ks], colours)];
}

export function widestGap(points: readonly KsPoint[]): KsPoint | null {
  const gap = (point: KsPoint) => point[1] - point[2];
  return points.reduce<KsPoint | null>(
    (best, point) => (best && gap(best) >= gap(point) ? best : point),
    null,
  );
}

export function calibrationOption(shown: readonly Shown[], colours: Colours, text: Texts): Option {
  const bins = shown.flatMap(({ model }) => model.calibration);
  const top = Math.max(...bins.flatMap((bin) => [bin.mean_score, bin.positive_share]), 0);
  const max = niceCeiling(top);
  const base = baseOption(
    { name: text("axis.mean_score"), min: 0, max, format: share },
    { name: text("axis.positive_share"), min: 0, max, format: share },
    colours,
  );
  const lines = shown.map(({ model, place }) => ({
    ...line(
      place,
      model.name,
      model.calibration.map((bin) => [bin.mean_score, bin.positive_share]),
      colours,
    ),
    symbol: symbolOf(place, colours),
    symbolSize: 8,
  }));
  const diagonal = [
    [0, 0],
    [max, max],
  ];
  return { ...base, series: [referenceLine(diagonal, colours), ...lines] };
}

const symbolOf = (place: number, colours: Colours) => marker(place, "", [0, 0], colours).symbol;

/** The end of an axis: the next of 1, 2, 2.5 and 5 times a power of ten; at most one. */
export function niceCeiling(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((one) => value <= one * power + 1e-12)!;
  return Math.min(Number((step * power).toPrecision(3)), 1);
}

/** Scores of both classes; each class sums to one, so that the shapes compare. */
export function histogramOption(shown: Shown, colours: Colours, text: Texts): Option {
  const { histogram } = shown.model;
  const [positives, negatives] = densities(histogram);
  const names = [text("class.positives"), text("class.negatives")] as const;
  const base = baseOption(
    {
      name: text("axis.score"),
      min: histogram[0]?.[0] ?? 0,
      max: histogram.at(-1)?.[1] ?? 1,
      format: formatNumber,
    },
    { name: text("axis.class_share"), min: 0, format: share },
    colours,
  );
  const steps = (place: number, points: Point[]) => ({
    ...line(place, names[place]!, points, colours),
    step: "end",
    areaStyle: { opacity: 0.18 },
  });
  return {
    ...base,
    series: [
      {
        ...steps(0, positives),
        markLine: shown.decision
          ? verticalLine(shown.decision.threshold, text("axis.threshold"), colours)
          : undefined,
      },
      steps(1, negatives),
    ],
  };
}

/** Steps: at the start of every bin its share, and the last share once more at the end. */
function densities(bins: readonly HistogramBin[]): [Point[], Point[]] {
  const steps = (column: 2 | 3): Point[] => {
    const total = bins.reduce((sum, bin) => sum + bin[column], 0) || 1;
    const last = bins.at(-1);
    const points = bins.map((bin) => [bin[0], bin[column] / total] as const);
    return last ? [...points, [last[1], last[column] / total]] : points;
  };
  return [steps(2), steps(3)];
}

export const tooltipNumber = (value: unknown) =>
  typeof value === "number" ? formatNumber(value) : formatCount(Number(value));
