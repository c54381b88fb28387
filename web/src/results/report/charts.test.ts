// Axes end where eyes expect it, and the widest gap is found.
import { expect, test } from "vitest";
import { niceCeiling, widestGap } from "./charts";

test.each([
  [0.93, 1],
  [0.052, 0.06],
  [0.0301, 0.04],
  [0.2, 0.2],
  [0, 1],
  [1.7, 1],
])("an axis up to %s ends at %s", (value, end) => expect(niceCeiling(value)).toBeCloseTo(end, 12));

test("the widest gap is where the classes differ most", () => {
  const points = [
    [0, 0, 0],
    [0.3, 0.7, 0.2],
    [0.6, 0.9, 0.5],
    [1, 1, 1],
  ] as const;
  expect(widestGap(points)).toEqual([0.3, 0.7, 0.2]);
  expect(widestGap([])).toBeNull();
});
