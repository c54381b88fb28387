import { expect, test } from "vitest";
import { diffDocuments } from "./diff";
import { addNode, changeNode, moveNodes, removeNodes, setParameter } from "./document";
import { DOCUMENT, SPECS } from "./testing";

test("equal documents do not differ", () => {
  expect(diffDocuments(DOCUMENT, structuredClone(DOCUMENT))).toEqual([]);
});

test("a difference is told as a person would say it", () => {
  const changed = setParameter(changeNode(DOCUMENT, "map", { disabled: true }), "fm", "rate", 2);
  const [added] = addNode(removeNodes(changed, new Set(["train"])), SPECS.get("fm")!, {
    x: 0,
    y: 0,
  });
  const told = diffDocuments(DOCUMENT, added);
  expect(told).toContainEqual({ what: "parameter", name: "fm: rate", before: null, after: 2 });
  expect(told).toContainEqual({ what: "node_changed", name: "map" });
  expect(told).toContainEqual({ what: "node_removed", name: "train" });
  expect(told).toContainEqual({ what: "edge_removed", name: "fm.logit>train.logits" });
  expect(told.map(({ what }) => what)).toContain("node_added");
});

test("moved things are one line", () => {
  expect(diffDocuments(DOCUMENT, moveNodes(DOCUMENT, { fm: { x: 8, y: 8 } }))).toEqual([
    { what: "moved", name: "" },
  ]);
});
