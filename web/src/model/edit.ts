// Larger edits: splice into an edge, delete and reconnect, copy and paste, align, distribute.
import {
  addNode,
  connect,
  freeId,
  labelOf,
  moveNodes,
  NODE_HEIGHT,
  NODE_WIDTH,
  placeOf,
  removeEdges,
  removeNodes,
  edgeId,
  snap,
  type Document,
  type Edge,
  type NodeItem,
  type Position,
  type Spec,
  type Specs,
} from "./document";
import { checkConnection, firstFit, specOf } from "./connections";

/** The ports by which a component fits into an edge, or null. */
export function fitInto(
  edge: Edge,
  document: Document,
  specs: Specs,
  spec: Spec,
): { input: string; output: string } | null {
  const from = specOf(document, specs, edge.source.node)?.outputs.find(
    (port) => port.name === edge.source.port,
  );
  const to = specOf(document, specs, edge.target.node)?.inputs.find(
    (port) => port.name === edge.target.port,
  );
  const input = spec.inputs.find((port) => port.kind === from?.kind);
  const output = spec.outputs.find((port) => port.kind === to?.kind);
  return input && output ? { input: input.name, output: output.name } : null;
}

/** Put a node that is there already into an edge; null when it does not fit. */
export function spliceNode(
  document: Document,
  specs: Specs,
  edge: Edge,
  id: string,
): Document | null {
  const spec = specOf(document, specs, id);
  const fit = spec && fitInto(edge, document, specs, spec);
  if (!fit || edge.source.node === id || edge.target.node === id) return null;
  const first = { source: edge.source, target: { node: id, port: fit.input } };
  const second = { source: { node: id, port: fit.output }, target: edge.target };
  let next = removeEdges(document, new Set([edgeId(edge)]));
  for (const { source, target } of [first, second]) {
    const verdict = checkConnection(next, specs, source, target);
    if (!verdict.allowed) return null;
    next = connect(next, { source, target }, verdict.isMany);
  }
  return keepOrder(document, next, edge, second);
}

/** The order of the edges into a port for many matters: the new one takes the old one's place. */
function keepOrder(before: Document, after: Document, old: Edge, fresh: Edge): Document {
  const at = before.edges.findIndex((edge) => edgeId(edge) === edgeId(old));
  const rest = after.edges.filter((edge) => edgeId(edge) !== edgeId(fresh));
  return { ...after, edges: [...rest.slice(0, at), fresh, ...rest.slice(at)] };
}

export function insertOnEdge(
  document: Document,
  specs: Specs,
  edge: Edge,
  spec: Spec,
  at: Position,
  title?: string,
): [Document, string] | null {
  const [added, id] = addNode(document, spec, at, title);
  const spliced = spliceNode(added, specs, edge, id);
  return spliced && [spliced, id];
}

/** Delete nodes, and join what was before each with what was after it, where the kinds allow. */
export function removeAndReconnect(
  document: Document,
  specs: Specs,
  ids: ReadonlySet<string>,
): Document {
  let next = document;
  for (const id of ids) {
    const before = next.edges.filter((edge) => edge.target.node === id);
    const after = next.edges.filter((edge) => edge.source.node === id);
    next = removeNodes(next, new Set([id]));
    for (const { target } of after) {
      for (const { source } of before) {
        const verdict = checkConnection(next, specs, source, target);
        if (verdict.allowed && !verdict.replaces) {
          next = connect(next, { source, target }, verdict.isMany);
          break;
        }
      }
    }
  }
  return next;
}

/** What the clipboard holds: plain JSON, so it pastes into another pipeline, a chat or a file. */
export interface Clip {
  kind: "studio/clip";
  v: 1;
  nodes: NodeItem[];
  edges: Edge[];
  places: Record<string, Position>;
}

export function toClip(document: Document, ids: ReadonlySet<string>): Clip {
  return {
    kind: "studio/clip",
    v: 1,
    nodes: document.nodes.filter((node) => ids.has(node.id)),
    edges: document.edges.filter((edge) => ids.has(edge.target.node)),
    places: Object.fromEntries([...ids].map((id) => [id, placeOf(document, id)])),
  };
}

export function readClip(text: string): Clip | null {
  try {
    const clip = JSON.parse(text) as Partial<Clip>;
    const isClip = clip.kind === "studio/clip" && clip.v === 1 && Array.isArray(clip.nodes);
    return isClip
      ? { ...(clip as Clip), edges: clip.edges ?? [], places: clip.places ?? {} }
      : null;
  } catch {
    return null;
  }
}

/** keepUpstream: edges from nodes outside the clip are kept, where those nodes are here. */
export function paste(
  document: Document,
  clip: Clip,
  offset: Position,
  keepUpstream = false,
): [Document, string[]] {
  const taken = new Set(document.nodes.map((node) => node.id));
  const ids = new Map<string, string>();
  for (const { id } of clip.nodes) {
    const free = freeId(taken, id);
    taken.add(free);
    ids.set(id, free);
  }
  const here = new Set(document.nodes.map((node) => node.id));
  const names = new Set(document.nodes.map(labelOf));
  const nodes = clip.nodes.map((node) => {
    const name = freeTitle(names, labelOf(node));
    names.add(name);
    return { ...node, id: ids.get(node.id)!, name };
  });
  const edges = clip.edges.flatMap(({ source, target }) => {
    const from = ids.get(source.node) ?? (keepUpstream && here.has(source.node) && source.node);
    const to = ids.get(target.node);
    return from && to
      ? [{ source: { ...source, node: from }, target: { ...target, node: to } }]
      : [];
  });
  const places = Object.fromEntries(
    clip.nodes.map(({ id }) => {
      const { x, y } = clip.places[id] ?? { x: 0, y: 0 };
      return [ids.get(id)!, snap({ x: x + offset.x, y: y + offset.y })];
    }),
  );
  const next = {
    ...document,
    nodes: [...document.nodes, ...nodes],
    edges: [...document.edges, ...edges],
  };
  return [moveNodes(next, places), [...ids.values()]];
}

function freeTitle(used: ReadonlySet<string>, wish: string): string {
  if (!used.has(wish)) return wish;
  const base = wish.replace(/ \d+$/, "");
  let number = 2;
  while (used.has(`${base} ${number}`)) number += 1;
  return `${base} ${number}`;
}

export type Alignment = "left" | "centre" | "right" | "top" | "middle" | "bottom";

export function align(document: Document, ids: readonly string[], how: Alignment): Document {
  const axis = how === "left" || how === "centre" || how === "right" ? "x" : "y";
  const values = ids.map((id) => placeOf(document, id)[axis]);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const at =
    how === "left" || how === "top"
      ? low
      : how === "right" || how === "bottom"
        ? high
        : (low + high) / 2;
  return moveNodes(
    document,
    Object.fromEntries(ids.map((id) => [id, { ...placeOf(document, id), [axis]: at }])),
  );
}

/** Equal gaps between nodes, the outer ones staying where they are. */
export function distribute(document: Document, ids: readonly string[], axis: "x" | "y"): Document {
  const sorted = [...ids].sort((a, b) => placeOf(document, a)[axis] - placeOf(document, b)[axis]);
  const first = placeOf(document, sorted[0] ?? "")[axis];
  const last = placeOf(document, sorted.at(-1) ?? "")[axis];
  const step = (last - first) / Math.max(1, sorted.length - 1);
  return moveNodes(
    document,
    Object.fromEntries(
      sorted.map((id, index) => [
        id,
        { ...placeOf(document, id), [axis]: Math.round(first + index * step) },
      ]),
    ),
  );
}

/** Where a new node goes that is connected to this one: below it, beside what is there already. */
export function placeBelow(document: Document, id: string): Position {
  const { x, y } = placeOf(document, id);
  const at = { x, y: y + NODE_HEIGHT + 56 };
  while (
    document.nodes.some((node) => {
      const place = placeOf(document, node.id);
      return Math.abs(place.x - at.x) < NODE_WIDTH && Math.abs(place.y - at.y) < NODE_HEIGHT;
    })
  ) {
    at.x += NODE_WIDTH + 32;
  }
  return at;
}

/** Add a component below a node and connect the two, where they fit. */
export function addAfter(
  document: Document,
  specs: Specs,
  source: { node: string; port?: string },
  spec: Spec,
  at: Position,
  title?: string,
): [Document, string] {
  const [added, id] = addNode(document, spec, at, title);
  const edge = firstFit(added, specs, source, { node: id });
  if (!edge) return [added, id];
  const verdict = checkConnection(added, specs, edge.source, edge.target);
  return [connect(added, edge, verdict.allowed && verdict.isMany), id];
}

/** Add a component before a node's input and connect the two. */
export function addBefore(
  document: Document,
  specs: Specs,
  target: { node: string; port: string },
  spec: Spec,
  at: Position,
  title?: string,
): [Document, string] {
  const [added, id] = addNode(document, spec, at, title);
  const edge = firstFit(added, specs, { node: id }, target);
  if (!edge) return [added, id];
  const verdict = checkConnection(added, specs, edge.source, edge.target);
  return [connect(added, edge, verdict.allowed && verdict.isMany), id];
}
