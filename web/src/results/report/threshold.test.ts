// A threshold gives the confusion matrix that counting the rows would give.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readReport } from "./document";
import { bestThreshold, decisionAt, ratiosOf, thresholdRange } from "./threshold";

type Row = { score: number; positive: boolean };

const rows = fc
  .array(fc.record({ score: fc.integer({ min: 0, max: 20 }), positive: fc.boolean() }), {
    minLength: 2,
    maxLength: 60,
  })
  .map((list) => list.map(({ score, positive }) => ({ score: score / 20, positive })))
  .filter((list) => list.some((row) => row.positive) && list.some((row) => !row.positive));

function count(list: Row[], threshold: number) {
  const called = list.filter((row) => row.score >= threshold);
  const rest = list.filter((row) => row.score < threshold);
  return {
    threshold,
    truePositives: called.filter((row) => row.positive).length,
    falsePositives: called.filter((row) => !row.positive).length,
    trueNegatives: rest.filter((row) => !row.positive).length,
    falseNegatives: rest.filter((row) => row.positive).length,
  };
}

function reportOf(list: Row[]) {
  const scores = [...new Set(list.map((row) => row.score))].sort((a, b) => b - a);
  const counted = scores.map((score) => count(list, score));
  const thresholds = {
    threshold: scores,
    true_positives: counted.map((one) => one.truePositives),
    false_positives: counted.map((one) => one.falsePositives),
    true_negatives: counted.map((one) => one.trueNegatives),
    false_negatives: counted.map((one) => one.falseNegatives),
  };
  return readReport({ models: [{ name: "a", metrics: {}, curves: {}, thresholds }] }).models[0]!;
}

test("at a listed threshold the counts are those of the rows", () => {
  fc.assert(
    fc.property(rows, fc.nat(), (list, pick) => {
      const model = reportOf(list);
      const at = model.thresholds!.threshold[pick % model.thresholds!.threshold.length]!;
      expect(decisionAt(model, at, -1)).toEqual(count(list, at));
    }),
  );
});

test("between two listed thresholds the nearer one counts", () => {
  fc.assert(
    fc.property(rows, fc.double({ min: 0, max: 1, noNaN: true }), (list, at) => {
      const model = reportOf(list);
      const listed = model.thresholds!.threshold;
      const chosen = decisionAt(model, at, -1)!.threshold;
      const over = at > listed[0]!;
      const nearest = Math.min(...listed.map((one) => Math.abs(one - at)));
      expect(Math.abs(chosen - at)).toBeCloseTo(over ? 0 : nearest, 12);
    }),
  );
});

test("above the highest score no row is called positive, and precision is unknown", () => {
  const model = reportOf([
    { score: 0.2, positive: true },
    { score: 0.1, positive: false },
  ]);
  const decision = decisionAt(model, 0.9, -1)!;
  expect(decision).toEqual(
    count(
      [
        { score: 0.2, positive: true },
        { score: 0.1, positive: false },
      ],
      0.9,
    ),
  );
  expect(ratiosOf(decision).precision).toBeNull();
});

test("the threshold of the report keeps the counts of the report", () => {
  const metrics = { true_positives: 7, false_positives: 1, true_negatives: 3, false_negatives: 2 };
  const model = readReport({ models: [{ name: "a", metrics, curves: {} }] }).models[0]!;
  expect(decisionAt(model, 0.5, 0.5)?.truePositives).toBe(7);
  expect(decisionAt(model, 0.4, 0.5)).toBeNull();
});

test("no listed threshold is better than the best", () => {
  fc.assert(
    fc.property(rows, fc.constantFrom("f1" as const, "ks" as const), (list, by) => {
      const model = reportOf(list);
      const value = (at: number) => ratiosOf(decisionAt(model, at, -1)!)[by];
      const best = value(bestThreshold(model, by)!);
      for (const at of model.thresholds!.threshold) expect(value(at)).toBeLessThanOrEqual(best);
    }),
  );
});

describe("ratios", () => {
  test("match their definitions", () => {
    const ratios = ratiosOf({
      threshold: 0.5,
      truePositives: 30,
      falsePositives: 10,
      trueNegatives: 50,
      falseNegatives: 10,
    });
    expect(ratios.precision).toBeCloseTo(0.75);
    expect(ratios.recall).toBeCloseTo(0.75);
    expect(ratios.falsePositiveRate).toBeCloseTo(1 / 6);
    expect(ratios.accuracy).toBeCloseTo(0.8);
    expect(ratios.f1).toBeCloseTo(0.75);
    expect(ratios.called).toBeCloseTo(0.4);
    expect(ratios.lift).toBeCloseTo(0.75 / 0.4);
  });
});

test("the slider spans the scores of all models", () => {
  const low = reportOf([
    { score: 0.1, positive: true },
    { score: 0.3, positive: false },
  ]);
  const high = reportOf([
    { score: 0.2, positive: true },
    { score: 0.9, positive: false },
  ]);
  expect(thresholdRange([low, high])).toEqual([0.1, 0.9]);
  expect(thresholdRange([])).toEqual([0, 1]);
});
