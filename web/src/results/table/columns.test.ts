// Types of three dialects are told apart, and cells say what is there.
import { describe, expect, test } from "vitest";
import { barHeights, cellText, factsOf, familyOf } from "./columns";

describe("the family of a type", () => {
  test.each([
    ["int64", "number"],
    ["UBIGINT", "number"],
    ["double", "number"],
    ["decimal128(10, 2)", "number"],
    ["string", "text"],
    ["VARCHAR", "text"],
    ["timestamp[us]", "time"],
    ["TIMESTAMP WITH TIME ZONE", "time"],
    ["date32", "time"],
    ["bool", "truth"],
    ["list<item: int64>", "other"],
    ["INTEGER[]", "other"],
    ["TIMESTAMP[]", "other"],
  ])("%s is %s", (type, family) => {
    expect(familyOf(type)).toBe(family);
  });
});

test("a cell without a value is told from an empty text", () => {
  expect(cellText(null)).toBeNull();
  expect(cellText("")).toBe("");
  expect(cellText(0.1 + 0.2)).toBe("0.3");
  expect(cellText({ a: [1] })).toBe('{"a":[1]}');
});

test("rare values are seen in a sparkline, absent ones are not", () => {
  expect(barHeights([0, 1, 1000])).toEqual([0, 0.06, 1]);
  expect(barHeights([])).toEqual([]);
});

test("facts of a column of texts have no mean", () => {
  const column = {
    name: "city",
    type: "string",
    nulls: 5,
    distinct: 3,
    min: "a",
    max: "c",
    mean: null,
    std: null,
    bins: null,
    top: null,
  };
  expect(factsOf(column, 10)).toEqual({ nulls: "50%", distinct: "3", range: "a – c", mean: null });
});
