// A drawn model flows downwards: every link leaves a box that stands above the one it enters.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Block } from "./document";
import { COMBINE, FIELDS, layOut, OUTPUT } from "./layout";

const block = (id: string, inputs: string[] = []): Block => ({
  id,
  inputs,
  type: "dnn",
  parameters: {},
});

const chains = fc
  .integer({ min: 1, max: 8 })
  .chain((size) =>
    fc
      .tuple(
        ...Array.from({ length: size }, (_, n) =>
          fc.subarray(Array.from({ length: n }, (_, i) => `b${i}`)),
        ),
      )
      .map((inputs) => inputs.map((list, n) => block(`b${n}`, list))),
  );

test("links go down, boxes of a layer do not overlap, everything is inside", () => {
  fc.assert(
    fc.property(chains, (blocks) => {
      const { boxes, links, width, height } = layOut(blocks, ["b0"], true);
      const byId = new Map(boxes.map((box) => [box.id, box]));
      for (const { from, to } of links) {
        expect(byId.get(from)!.y).toBeLessThan(byId.get(to)!.y);
      }
      for (const a of boxes) {
        expect(a.x).toBeGreaterThanOrEqual(0);
        expect(a.x + a.width).toBeLessThanOrEqual(width);
        expect(a.y + a.height).toBeLessThanOrEqual(height);
        for (const b of boxes) {
          if (a !== b && a.y === b.y) expect(Math.abs(a.x - b.x)).toBeGreaterThan(a.width);
        }
      }
    }),
  );
});

test("DeepFM: fields, one embedding, three branches side by side, one sum, one output", () => {
  const blocks = [block("e"), block("linear", ["e"]), block("fm", ["e"]), block("dnn", ["e"])];
  const { boxes, links } = layOut(blocks, ["linear", "fm", "dnn"], true);
  const at = (id: string) => boxes.find((box) => box.id === id)!.y;
  expect(at("linear")).toBe(at("fm"));
  expect(at("fm")).toBe(at("dnn"));
  expect([FIELDS, "e", "fm", COMBINE, OUTPUT].map(at)).toEqual(
    [FIELDS, "e", "fm", COMBINE, OUTPUT].map(at).sort((a, b) => a - b),
  );
  expect(links).toHaveLength(8);
});

test("blocks alone have no sum and no output", () => {
  const { boxes } = layOut([block("e")], ["e"], false);
  expect(boxes.map((box) => box.id)).toEqual([FIELDS, "e"]);
});
