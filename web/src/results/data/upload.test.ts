// Names of files become names that the server takes.
import { expect, test } from "vitest";
import { datasetName } from "./upload";

const TAKEN = /^[A-Za-z0-9][A-Za-z0-9._ -]{0,127}$/;

test.each([
  ["clicks.csv", "clicks.csv"],
  ["点击日志.csv", "data.csv"],
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
