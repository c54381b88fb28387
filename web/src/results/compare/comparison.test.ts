// What is compared is what the address says, and metrics that decide come first.
import { expect, test } from "vitest";
import { labelOf, readIds, shownMetrics, valueText, letterOf, betterOf } from "./comparison";

const id = (letter: string) => letter.repeat(32);
const metric = (name: string) => ({ node: "evaluate", name, values: [0.1, 0.2] });

test("ids are read once, in order, and what is none is left out", () => {
  expect(readIds(`${id("a")},nonsense,${id("b")},${id("a")}`)).toEqual([id("a"), id("b")]);
  expect(readIds(null)).toEqual([]);
});

test("no more than eight runs are compared", () => {
  const many = Array.from({ length: 12 }, (_, n) => n.toString(16).repeat(32)).join(",");
  expect(readIds(many)).toHaveLength(8);
});

test("counts and thresholds wait until they are asked for", () => {
  const metrics = ["rows", "auc", "precision", "FM: logloss", "ndcg_at_5"].map(metric);
  expect(shownMetrics(metrics, false).map(({ name }) => name)).toEqual([
    "auc",
    "FM: logloss",
    "ndcg_at_5",
  ]);
  expect(shownMetrics(metrics, true)).toHaveLength(5);
  expect(shownMetrics([metric("mine")], false)).toHaveLength(1);
});

test("the way of a metric does not depend on the model that stands before it", () => {
  expect(betterOf(metric("FM: logloss"))).toBe("lower");
  expect(betterOf(metric("auc"))).toBe("higher");
});

test("parameters of the pipeline have no node before them", () => {
  expect(labelOf({ node: null, name: "train_path", values: [] })).toBe("train_path");
  expect(labelOf({ node: "train", name: "epochs", values: [] })).toBe("train.epochs");
});

test("values are written shortly, and nothing is not an empty text", () => {
  expect([null, "", 0.001, [1, 2], false].map(valueText)).toEqual([
    "–",
    "",
    "0.001",
    "[1,2]",
    "false",
  ]);
  expect(letterOf(2)).toBe("C");
});
