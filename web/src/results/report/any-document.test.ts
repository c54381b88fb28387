// Nothing of a document is lost, whatever its form.
import { expect, test } from "vitest";
import { tablesIn } from "./any-document";

test("numbers are facts, lists of objects are tables, what is nested is named by its path", () => {
  const { facts, tables } = tablesIn({
    rows: 3,
    metrics: { covered: 0.5 },
    tags: ["a", "b"],
    fields: [
      { name: "x", size: 2 },
      { name: "y", used: 1 },
    ],
  });
  expect(facts).toEqual([
    ["rows", 3],
    ["metrics.covered", 0.5],
    ["tags", ["a", "b"]],
  ]);
  expect(tables).toEqual([
    {
      name: "fields",
      columns: ["name", "size", "used"],
      rows: [
        ["x", 2, null],
        ["y", null, 1],
      ],
    },
  ]);
});
