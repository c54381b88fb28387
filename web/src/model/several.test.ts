// What is done to several nodes, and to a node whose component is replaced.
import { expect, test } from "vitest";
import { emptyDocument, type Document, type Spec } from "./document";
import { replaceComponent, setParameterOf, sharedFields, togglePinned } from "./several";

const spec = (name: string, properties: Record<string, unknown>): Spec =>
  ({
    name,
    title: name,
    version: "2.0",
    parameters: { properties },
    inputs: [],
    outputs: [],
  }) as never;

const NUMBER = { type: "number", default: 0.1 };
const specs = new Map([
  ["train", spec("train", { rate: NUMBER, layers: { type: "string" } })],
  ["fm", spec("fm", { rate: NUMBER, layers: { type: "integer" } })],
]);

const document: Document = {
  ...emptyDocument("a"),
  nodes: [
    { id: "a", component: "train", name: "A", parameters: { rate: 0.5 } },
    { id: "b", component: "fm", name: "B", parameters: {} },
    {
      id: "lost",
      component: "gone",
      digest: "0".repeat(64),
      name: "My node",
      parameters: { rate: 1, x: 2 },
    },
  ],
  edges: [{ source: { node: "a", port: "model" }, target: { node: "lost", port: "model" } }],
};

test("fields are shared where name and form are one, and different values are mixed", () => {
  const shared = sharedFields(document, specs, ["a", "b"]);
  expect(shared.map(({ field, isMixed, value }) => [field.name, isMixed, value])).toEqual([
    ["rate", true, undefined],
  ]);
  expect(sharedFields(document, specs, ["a", "lost"])).toEqual([]);
});

test("a value that is set is set in all of them; a default that is written out is no difference", () => {
  const next = setParameterOf(document, ["a", "b"], "rate", 0.1);
  const fresh = setParameterOf(next, ["b"], "rate", undefined);
  expect(sharedFields(fresh, specs, ["a", "b"])[0]).toMatchObject({ isMixed: false, value: 0.1 });
});

test("pinning pins all until all are pinned", () => {
  const caches = (of: Document) => of.nodes.map(({ cache }) => cache);
  const one = togglePinned(document, ["a"]);
  const both = togglePinned(one, ["a", "b"]);
  expect(caches(both)).toEqual(["freeze", "freeze", undefined]);
  expect(caches(togglePinned(both, ["a", "b"]))).toEqual(["auto", "auto", undefined]);
});

test("a replaced component keeps the node's name, edges, and the parameters that it knows", () => {
  const { document: next, dropped } = replaceComponent(document, "lost", specs.get("train")!);
  expect(next.nodes[2]).toEqual({
    id: "lost",
    component: "train",
    version: "2.0",
    name: "My node",
    parameters: { rate: 1 },
  });
  expect(next.edges).toEqual(document.edges);
  expect(dropped).toEqual(["x"]);
});
