// The best is the best in the metric's own direction.
import { describe, expect, test } from "vitest";
import { bestPlaces, infoOf, metricsOf } from "./metrics";
import { readReport } from "./document";

describe("the best", () => {
  test.each([
    ["higher", [0.7, 0.8, 0.75], [1]],
    ["lower", [0.5, 0.4, 0.4], [1, 2]],
    ["one", [1.4, 0.8, 0.9], [2]],
    ["higher", [0.8, 0.8], []],
    ["higher", [null, 0.5], []],
    ["higher", [null, 0.5, 0.6], [2]],
    ["higher", [null, null], []],
  ] as const)("%s of %s", (better, values, places) => {
    expect(bestPlaces(values, better)).toEqual(places);
  });

  test("without a direction there is none", () => expect(bestPlaces([1, 2], null)).toEqual([]));
});

test("metrics that are not known are shown, those of the threshold are not", () => {
  const metrics = { auc: 0.8, precision: 0.6, ndcg_at_5: 0.4, auc_low: 0.79, mine: 3 };
  const { models } = readReport({ models: [{ name: "a", metrics, curves: {} }] });
  expect(metricsOf(models).map((metric) => metric.name)).toEqual(["auc", "ndcg_at_5", "mine"]);
});

test("a metric of a run is known by its last word", () => {
  expect(infoOf("train.validation_auc").better).toBe("higher");
  expect(infoOf("train.validation_logloss").better).toBe("lower");
  expect(infoOf("evaluate.normalised_entropy").better).toBe("lower");
});
