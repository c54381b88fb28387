// A feature report is told from an evaluation, and read as fields.
import { expect, test } from "vitest";
import { isFeatureReport, readFeatureReport } from "./report";

const report = {
  format: 1,
  rows: 1000,
  feature_size: 266,
  label_rate: 0.25,
  metrics: { fields: 1 },
  fields: [
    {
      name: "city",
      type: "categorical",
      size: 14,
      used: 12,
      covered: 0.85,
      missing: 0.05,
      unknown: 0.1,
      top: [{ feature: "(unknown)", count: 100, label_rate: 0.2 }],
    },
  ],
};

test("it has fields, an evaluation has models", () => {
  expect(isFeatureReport(report)).toBe(true);
  expect(isFeatureReport({ models: [], fields: [] })).toBe(false);
});

test("coverage is what is not missing; what is unknown is told apart", () => {
  const map = readFeatureReport(report);
  expect(map.labelRate).toBe(0.25);
  expect(map.fields[0]).toMatchObject({ indices: 14, used: 12, coverage: 0.95, unknown: 0.1 });
  expect(map.fields[0]!.values).toEqual([{ text: "(unknown)", count: 100, labelRate: 0.2 }]);
});
