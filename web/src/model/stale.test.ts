import { expect, test } from "vitest";
import {
  changeNode,
  moveNodes,
  removeEdges,
  setParameter,
  setPipelineParameters,
} from "./document";
import { staleNodes } from "./stale";
import { DOCUMENT } from "./testing";

test("a changed parameter makes a node and all below it stale, nothing else", () => {
  const stale = staleNodes(DOCUMENT, setParameter(DOCUMENT, "embedding", "dimension", 16));
  expect([...stale].sort()).toEqual(["embedding", "fm", "train"]);
});

test("names and places make nothing stale", () => {
  const moved = moveNodes(changeNode(DOCUMENT, "fm", { name: "Other" }), { fm: { x: 9, y: 9 } });
  expect(staleNodes(DOCUMENT, moved).size).toBe(0);
});

test("a removed edge makes what it led to stale", () => {
  const cut = removeEdges(DOCUMENT, new Set(["fm.logit>train.logits"]));
  expect([...staleNodes(DOCUMENT, cut)]).toEqual(["train"]);
});

test("a pipeline parameter makes stale what refers to it", () => {
  const used = setParameter(DOCUMENT, "read", "path", "${path}");
  const parameter = (value: string) =>
    setPipelineParameters(used, { path: { type: "string", default: value } });
  expect(staleNodes(parameter("a"), parameter("b")).has("read")).toBe(true);
});
