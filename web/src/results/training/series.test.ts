// Losses are compared with losses, areas with areas.
import { expect, test } from "vitest";
import type { MetricPoint } from "../../model/dock";
import { panelsOf } from "./series";

test("training and validation loss share a chart, the AUC has its own", () => {
  const points = [
    { step: 1, values: { loss: 0.5, validation_auc: 0.7, validation_logloss: 0.52 } },
    { step: 2, values: { loss: 0.4, validation_auc: 0.8, validation_logloss: 0.45 } },
  ];
  expect(
    panelsOf(points).map((panel) => [panel.name, panel.series.map((one) => one.name)]),
  ).toEqual([
    ["loss", ["loss", "validation_logloss"]],
    ["auc", ["validation_auc"]],
  ]);
});

test("a value that is missing or not finite is no point", () => {
  const points: MetricPoint[] = [
    { step: 1, values: { loss: 1 } },
    { step: 2, values: { loss: NaN } },
    { step: 3, values: {} },
    { step: 4, values: { loss: 0.5 } },
  ];
  expect(panelsOf(points)[0]!.series[0]!.points).toEqual([
    [1, 1],
    [4, 0.5],
  ]);
});

test("nothing measured yet is no chart", () => expect(panelsOf([])).toEqual([]));
