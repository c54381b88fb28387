// The numbers behind every chart of a report, as tables: to read, and to take along as CSV.
import type { Numbers } from "../charts/chart";
import { CURVES, type CurveName, type Shown, type Texts } from "./charts";

export function curveNumbers(name: CurveName, shown: readonly Shown[], text: Texts): Numbers {
  const curve = CURVES[name];
  return {
    columns: [text("model"), text(curve.x), text(curve.y)],
    rows: shown.flatMap(({ model }) => curve.points(model).map(([x, y]) => [model.name, x, y])),
  };
}

export function ksNumbers(shown: readonly Shown[], text: Texts): Numbers {
  return {
    columns: [text("model"), text("axis.rows"), text("class.positives"), text("class.negatives")],
    rows: shown.flatMap(({ model }) => model.ks.map((point) => [model.name, ...point])),
  };
}

export function calibrationNumbers(shown: readonly Shown[], text: Texts): Numbers {
  return {
    columns: [text("model"), text("rows"), text("axis.mean_score"), text("axis.positive_share")],
    rows: shown.flatMap(({ model }) =>
      model.calibration.map((bin) => [model.name, bin.rows, bin.mean_score, bin.positive_share]),
    ),
  };
}

export function histogramNumbers({ model }: Shown, text: Texts): Numbers {
  return {
    columns: [text("from"), text("to"), text("class.positives"), text("class.negatives")],
    rows: model.histogram.map((bin) => [...bin]),
  };
}
