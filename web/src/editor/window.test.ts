import { expect, test } from "vitest";
import { fill, type Document, type Position } from "../model/document";
import { Window } from "./window";

/** Nodes side by side in rows of 40, as dense as a layout makes them. */
function grid(size: number): Document {
  const ids = Array.from({ length: size }, (_, index) => `n${index}`);
  const place = (index: number): Position => ({
    x: (index % 40) * 260,
    y: Math.floor(index / 40) * 120,
  });
  return fill({
    schema_version: 1,
    name: "Grid",
    nodes: ids.map((id) => ({ id, component: "split" })),
    layout: { nodes: Object.fromEntries(ids.map((id, index) => [id, place(index)])) },
  });
}

const LARGE = grid(1000);
const sight = (x: number, y: number, zoom: number) => ({
  x,
  y,
  width: 848 / zoom,
  height: 852 / zoom,
});

/** As the canvas does: a slice a frame, until it is whole. */
function settle(frame: Window, document: Document, x: number, y: number, zoom: number) {
  let shown = frame.look(document, sight(x, y, zoom), zoom);
  const counts = [shown.mounted.size];
  while (shown.isGrowing) {
    shown = frame.look(document, sight(x, y, zoom), zoom);
    counts.push(shown.mounted.size);
  }
  return { ...shown, counts };
}

test("at zoom 1 at most 60 nodes of a dense pipeline are mounted, wherever one has panned", () => {
  const frame = new Window();
  for (let x = -200; x < 9000; x += 37) {
    const { mounted } = settle(frame, LARGE, x, x / 4, 1);
    expect(mounted.size).toBeLessThanOrEqual(60);
  }
});

test("everything in sight is mounted, or it is a sketch", () => {
  const frame = new Window();
  const drawn = [0.39, 0.3, 0.08, 0.2, 0.45]; // and it is left later than it was entered
  for (const zoom of [1, 0.7, 0.46, ...drawn, 0.55, 1]) {
    const { mounted, isSketched } = settle(frame, LARGE, 900, 400, zoom);
    const inSight = LARGE.nodes.filter(({ id }) => {
      const { x, y } = LARGE.layout.nodes[id]!;
      const box = sight(900, 400, zoom);
      return x + 220 > box.x && x < box.x + box.width && y + 64 > box.y && y < box.y + box.height;
    });
    if (!isSketched) expect(inSight.every(({ id }) => mounted.has(id))).toBe(true);
    expect(mounted.size).toBeLessThanOrEqual(250);
    expect(isSketched).toBe(drawn.includes(zoom));
  }
});

test("nodes come in slices, those in the middle first", () => {
  const frame = new Window();
  const { counts } = settle(frame, LARGE, 900, 400, 0.45);
  const steps = counts.map((count, index) => count - (counts[index - 1] ?? 0));
  expect(Math.max(...steps)).toBeLessThanOrEqual(40);
  expect(counts.length).toBeGreaterThan(2);
});

test("a small pan changes nothing", () => {
  const frame = new Window();
  settle(frame, LARGE, 900, 400, 1);
  const before = frame.look(LARGE, sight(900, 400, 1), 1);
  expect(frame.look(LARGE, sight(950, 350, 1), 1)).toBe(before);
  expect(frame.look(LARGE, sight(1100, 400, 1), 1)).not.toBe(before);
});

test("a small pipeline is never a sketch", () => {
  const frame = new Window();
  const { mounted, isSketched } = settle(frame, grid(100), -500, -500, 0.08);
  expect([mounted.size, isSketched]).toEqual([100, false]);
});
