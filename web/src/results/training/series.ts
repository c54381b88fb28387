// What is drawn of a training: which values belong into one chart.
import type { MetricPoint } from "../../model/dock";

export interface Series {
  name: string;
  points: [step: number, value: number][];
}

export interface Panel {
  /** `loss`, or the name of the one metric. */
  name: string;
  series: Series[];
}

const isLoss = (name: string) => /loss/.test(name);

/** Losses in one chart, every other metric with those of the same name on other rows in another. */
export function panelsOf(points: readonly MetricPoint[]): Panel[] {
  const names = [...new Set(points.flatMap((point) => Object.keys(point.values)))];
  const panels = new Map<string, Series[]>();
  for (const name of names) {
    const panel = isLoss(name) ? "loss" : name.replace(/^(validation|train|test)_/, "");
    panels.set(panel, [...(panels.get(panel) ?? []), { name, points: pointsOf(points, name) }]);
  }
  return [...panels].map(([name, series]) => ({ name, series }));
}

function pointsOf(points: readonly MetricPoint[], name: string): [number, number][] {
  return points.flatMap(({ step, values }) => {
    const value = values[name];
    return typeof value === "number" && Number.isFinite(value)
      ? [[step, value] as [number, number]]
      : [];
  });
}
