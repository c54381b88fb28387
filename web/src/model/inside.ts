// What of a document lies in a rectangle, or under a point.
import {
  boxOf,
  NODE_HEIGHT,
  NODE_WIDTH,
  placeOf,
  type Box,
  type Document,
  type Position,
} from "./document";

export const NOTE = { width: 200, height: 96 };

export const grow = ({ x, y, width, height }: Box, by: number): Box => ({
  x: x - by,
  y: y - by,
  width: width + 2 * by,
  height: height + 2 * by,
});

export const meets = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

export const contains = (outer: Box | null, inner: Box): boolean =>
  outer !== null &&
  outer.x <= inner.x &&
  outer.y <= inner.y &&
  outer.x + outer.width >= inner.x + inner.width &&
  outer.y + outer.height >= inner.y + inner.height;

/** The rectangle between two places. */
export const between = (a: Position, b: Position): Box => ({
  x: Math.min(a.x, b.x),
  y: Math.min(a.y, b.y),
  width: Math.abs(a.x - b.x) + 1,
  height: Math.abs(a.y - b.y) + 1,
});

const nodeBox = (document: Document, id: string): Box => {
  const { x, y } = placeOf(document, id);
  return { x, y, width: NODE_WIDTH, height: NODE_HEIGHT };
};

export const nodesInside = (document: Document, box: Box): string[] =>
  document.nodes.flatMap(({ id }) => (meets(nodeBox(document, id), box) ? [id] : []));

/** The ids of nodes and of notes (`note:0`). */
export function itemsInside(document: Document, box: Box): string[] {
  const notes = document.layout.notes.flatMap(({ x, y }, index) =>
    meets({ x, y, ...NOTE }, box) ? [`note:${index}`] : [],
  );
  return [...nodesInside(document, box), ...notes];
}

/** The node under a point; the last drawn where two lie there. */
export function nodeAt(document: Document, { x, y }: Position): string | null {
  return nodesInside(document, { x, y, width: 0, height: 0 }).at(-1) ?? null;
}

/** The nodes that are nearest to the middle of a rectangle come first. */
export function nearestFirst(document: Document, ids: readonly string[], box: Box): string[] {
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const far = (id: string) => {
    const place = placeOf(document, id);
    return Math.hypot(place.x + NODE_WIDTH / 2 - x, place.y + NODE_HEIGHT / 2 - y);
  };
  return [...ids].sort((a, b) => far(a) - far(b));
}

const extents = new WeakMap<Document, Box | null>();

/** The rectangle around everything: nodes, frames and notes. Found once a document. */
export function extentOf(document: Document): Box | null {
  if (!extents.has(document)) extents.set(document, findExtent(document));
  return extents.get(document) ?? null;
}

function findExtent(document: Document): Box | null {
  const nodes = boxOf(
    document,
    document.nodes.map(({ id }) => id),
  );
  const { frames, notes } = document.layout;
  const boxes = [
    ...(nodes ? [nodes] : []),
    ...frames,
    ...notes.map((note) => ({ ...note, ...NOTE })),
  ];
  if (!boxes.length) return null;
  const x = Math.min(...boxes.map((box) => box.x));
  const y = Math.min(...boxes.map((box) => box.y));
  const right = Math.max(...boxes.map((box) => box.x + box.width));
  const bottom = Math.max(...boxes.map((box) => box.y + box.height));
  return { x, y, width: right - x, height: bottom - y };
}
