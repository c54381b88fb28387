import { describe, expect, test } from "vitest";
import { edgeId, findNode, moveNodes, removeNodes } from "./document";
import {
  addAfter,
  align,
  distribute,
  insertOnEdge,
  paste,
  readClip,
  removeAndReconnect,
  toClip,
} from "./edit";
import { DOCUMENT, SPECS } from "./testing";

const spec = (name: string) => SPECS.get(name)!;
const edges = (document: typeof DOCUMENT) => document.edges.map(edgeId);

test("a node is removed with its edges, in one document", () => {
  const next = removeNodes(DOCUMENT, new Set(["split"]));
  expect(findNode(next, "split")).toBeUndefined();
  expect(edges(next)).not.toContain("read.table>split.table");
});

test("a component is put into an edge that it fits, and keeps the order of the edges", () => {
  const edge = DOCUMENT.edges[1]!;
  const [next, id] = insertOnEdge(DOCUMENT, SPECS, edge, spec("split"), { x: 0, y: 0 })!;
  expect(edges(next)).toContain(`split.train>${id}.table`);
  expect(edges(next)).toContain(`${id}.train>map.table`);
  expect(edges(next)).not.toContain("split.train>map.table");
  expect(edges(next).indexOf(`${id}.train>map.table`)).toBe(1);
});

test("a component that does not fit leaves the edge alone", () => {
  expect(insertOnEdge(DOCUMENT, SPECS, DOCUMENT.edges[1]!, spec("fm"), { x: 0, y: 0 })).toBeNull();
});

test("delete and reconnect joins what was before with what was after", () => {
  const next = removeAndReconnect(DOCUMENT, SPECS, new Set(["split"]));
  expect(edges(next)).toContain("read.table>map.table");
});

test("a component added to a node is connected where it fits", () => {
  const [next, id] = addAfter(DOCUMENT, SPECS, { node: "embedding" }, spec("fm"), { x: 0, y: 0 });
  expect(edges(next)).toContain(`embedding.embedding>${id}.embedding`);
  expect(findNode(next, id)?.name).toBe("fm 2");
});

describe("copy and paste", () => {
  const clip = toClip(DOCUMENT, new Set(["map", "embedding"]));

  test("is plain JSON that reads back", () => {
    expect(readClip(JSON.stringify(clip))).toEqual(clip);
    expect(readClip("hello")).toBeNull();
    expect(readClip('{"kind":"other"}')).toBeNull();
  });

  test("gives new ids and keeps the edges inside", () => {
    const [next, ids] = paste(DOCUMENT, clip, { x: 0, y: 0 });
    expect(ids).toEqual(["map_2", "embedding_2"]);
    expect(edges(next)).toContain("map_2.feature_map>embedding_2.feature_map");
    expect(edges(next)).not.toContain("split.train>map_2.table");
  });

  test("keeps edges from above when asked", () => {
    const [next] = paste(DOCUMENT, clip, { x: 0, y: 0 }, true);
    expect(edges(next)).toContain("split.train>map_2.table");
  });
});

test("aligned nodes share a side, distributed ones have equal gaps", () => {
  const ids = ["read", "split", "map"];
  const placed = moveNodes(DOCUMENT, {
    read: { x: 0, y: 0 },
    split: { x: 40, y: 80 },
    map: { x: 16, y: 400 },
  });
  const left = align(placed, ids, "left").layout.nodes;
  expect(ids.map((id) => left[id]!.x)).toEqual([0, 0, 0]);
  const spread = distribute(placed, ids, "y").layout.nodes;
  expect(ids.map((id) => spread[id]!.y)).toEqual([0, 200, 400]);
});
