// Names of files become names that the server takes.
import { expect, test } from "vitest";
import { datasetName } from "./upload";

const TAKEN = /^[\p{L}\p{N}][\p{L}\p{N}._ -]{0,127}$/u;

test.each([
  ["clicks.csv", "clicks.csv"],
  ["点击日志.csv", "点击日志.csv"],
  ["_private.parquet", "private.parquet"],
  ["a/b\\c.csv.gz", "a_b_c.csv.gz"],
  ["", "data"],
])("%s", (file, name) => {
  const made = datasetName(file);
  expect(made).toMatch(TAKEN);
  expect(made).toBe(name);
});

test("a long name keeps its ending, by which its format is known", () => {
  const made = datasetName(`${"a".repeat(300)}.csv.gz`);
  expect(made).toMatch(TAKEN);
  expect(made.endsWith(".csv.gz")).toBe(true);
});
