// Sizes, coverage and rare values of a feature map, whole or cut for a preview.
import { describe, expect, test } from "vitest";
import { isCut, readFeatureMap } from "./document";

const city = {
  name: "city",
  type: "categorical",
  missing_index: 0,
  unknown_index: 1,
  first_index: 2,
  values: ["a", "b"],
  counts: [50, 30],
  missing: 10,
};
const price = {
  name: "price",
  type: "numeric",
  missing_index: 4,
  index: 5,
  transform: "standardise",
  mean: 3,
  std: 1,
  min: 0,
  max: 9,
  missing: 0,
};

const map = (fields: unknown[]) => ({ rows: 100, label: "clicked", feature_size: 6, fields });

test("coverage is what is not missing, and rare is what has no index", () => {
  const [field] = readFeatureMap(map([city])).fields;
  expect(field).toMatchObject({ vocabulary: 2, indices: 4, coverage: 0.9, unknown: 0.1 });
});

test("a number takes two indices and has no vocabulary", () => {
  const [field] = readFeatureMap(map([price])).fields;
  expect(field).toMatchObject({ indices: 2, vocabulary: null, unknown: null, coverage: 1 });
});

describe("a map that was cut", () => {
  const cut = {
    ...city,
    values: ["a", "… 1,234 in all"],
    counts: [50, "… 1,234 in all"],
  };

  test("still knows how many values there are, but not how many rows are rare", () => {
    expect(isCut(map([cut]))).toBe(true);
    const [field] = readFeatureMap(map([cut])).fields;
    expect(field).toMatchObject({ vocabulary: 1234, indices: 1236, unknown: null });
    expect(field!.values).toEqual([{ text: "a", count: 50, labelRate: null }]);
  });

  test("is told from a whole one", () => expect(isCut(map([city, price]))).toBe(false));
});

test("a hashed field takes its buckets, and tells its collisions", () => {
  const hashed = {
    name: "id",
    type: "hashed",
    buckets: 1000,
    distinct: 90,
    collisions: 4,
    missing: 0,
  };
  expect(readFeatureMap(map([hashed])).fields[0]).toMatchObject({ indices: 1001, collisions: 4 });
});

test("a field that shares a vocabulary takes no index, and further slots are no fields", () => {
  const shared = { ...city, name: "home_city", vocabulary: "city" };
  const slot = { ...city, name: "tags[1]", vocabulary: "tags", slots: 3, slot: 1 };
  const fields = readFeatureMap(map([city, shared, slot])).fields;
  expect(fields.map((field) => [field.name, field.indices])).toEqual([
    ["city", 4],
    ["home_city", 0],
  ]);
});

test("label rates are read as rates or as counts of positives", () => {
  const rated = { ...city, label_rates: [0.25, 0.5] };
  const counted = { ...city, positives: [5, 15] };
  const rates = (field: unknown) =>
    readFeatureMap(map([field])).fields[0]!.values.map((value) => value.labelRate);
  expect(rates(rated)).toEqual([0.25, 0.5]);
  expect(rates(counted)).toEqual([0.1, 0.5]);
});
