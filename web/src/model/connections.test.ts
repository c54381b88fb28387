import { describe, expect, test } from "vitest";
import { checkConnection, firstFit, isBroken } from "./connections";
import { CASES, DOCUMENT, SPECS } from "./testing";

describe("which edges may be drawn", () => {
  test.each(CASES)("$name", ({ source, target, reason, replaces }) => {
    const verdict = checkConnection(DOCUMENT, SPECS, source, target);
    expect(verdict.allowed ? null : verdict.reason.code).toBe(reason);
    if (verdict.allowed) expect(verdict.replaces?.source ?? null).toEqual(replaces);
  });
});

test("the same edge is not drawn twice", () => {
  const { source, target } = DOCUMENT.edges[0]!;
  const verdict = checkConnection(DOCUMENT, SPECS, source, target);
  expect(verdict).toMatchObject({ allowed: false, reason: { code: "edge.duplicate" } });
});

test("a node is connected by its first free port, a taken one only when none is free", () => {
  const free = firstFit(DOCUMENT, SPECS, { node: "split" }, { node: "encode" });
  expect(free?.target.port).toBe("table");
  const taken = firstFit(DOCUMENT, SPECS, { node: "other" }, { node: "map" });
  expect(taken?.target.port).toBe("table");
  expect(firstFit(DOCUMENT, SPECS, { node: "train" }, { node: "map" })).toBeNull();
});

test("an edge whose port is gone is broken, and kept", () => {
  const edge = { source: { node: "split", port: "gone" }, target: { node: "map", port: "table" } };
  expect(isBroken(DOCUMENT, SPECS, edge)).toBe(true);
  expect(isBroken(DOCUMENT, SPECS, DOCUMENT.edges[0]!)).toBe(false);
});
