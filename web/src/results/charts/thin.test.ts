// Thinned curves keep their ends, their order and their peaks.
import fc from "fast-check";
import { expect, test } from "vitest";
import { thin } from "./thin";

const curve = fc
  .array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 400 })
  .map((values) => values.map((y, x) => [x, y] as const));

test("never more points than asked, in the same order, with both ends", () => {
  fc.assert(
    fc.property(curve, fc.integer({ min: 3, max: 100 }), (points, limit) => {
      const kept = thin(points, limit);
      expect(kept.length).toBe(Math.min(points.length, limit));
      expect(kept[0]).toEqual(points[0]);
      expect(kept.at(-1)).toEqual(points.at(-1));
      expect([...kept].sort((a, b) => a[0] - b[0])).toEqual(kept);
      for (const point of kept) expect(points).toContainEqual(point);
    }),
  );
});

test("a single spike stays", () => {
  const points = Array.from({ length: 1000 }, (_, x) => [x, x === 537 ? 9 : 0] as const);
  expect(thin(points, 50)).toContainEqual([537, 9]);
});
