// The pipeline document, and every change that can be made to it. Pure: old documents stay as they are.
import type { Schemas } from "../api/client";
import { byId } from "./by-id";

export type NodeItem = Schemas["Node"];
export type End = Schemas["End"];
export type Edge = Schemas["Edge"];
export type Frame = Schemas["Frame"];
export type Note = Schemas["Note"];
export type Position = Schemas["Position"];
export type PipelineParameter = Schemas["PipelineParameter"];
export type Spec = Schemas["ComponentSpec"];
export type Port = Schemas["PortSpec"];
export type Kind = Port["kind"];
export type Specs = ReadonlyMap<string, Spec>;

/** A stored document with its optional lists filled in. */
export type Document = Schemas["Pipeline"] & {
  parameters: Record<string, PipelineParameter>;
  nodes: NodeItem[];
  edges: Edge[];
  layout: { nodes: Record<string, Position>; frames: Frame[]; notes: Note[] };
};

export const NODE_WIDTH = 220;
export const NODE_HEIGHT = 64;
export const GRID = 8;

export function fill(document: Schemas["Pipeline"]): Document {
  const { parameters = {}, nodes = [], edges = [], layout = {} } = document;
  const { nodes: places = {}, frames = [], notes = [] } = layout;
  return { ...document, parameters, nodes, edges, layout: { nodes: places, frames, notes } };
}

export const emptyDocument = (name: string): Document =>
  fill({ schema_version: 1, name, nodes: [], edges: [] });

export const findNode = (document: Document, id: string): NodeItem | undefined =>
  byId(document.nodes).get(id);

export const labelOf = (node: NodeItem): string => node.name || node.id;

export const edgeId = ({ source, target }: Edge): string =>
  `${source.node}.${source.port}>${target.node}.${target.port}`;

export const placeOf = (document: Document, id: string): Position =>
  document.layout.nodes[id] ?? { x: 0, y: 0 };

/** An id that is free: the wish, or the wish with a number. */
export function freeId(taken: Iterable<string>, wish: string): string {
  const used = new Set(taken);
  const base =
    wish
      .replace(/[^A-Za-z0-9_]/g, "_")
      .replace(/^(?=[^A-Za-z_])/, "_")
      .slice(0, 56) || "node";
  if (!used.has(base)) return base;
  let number = 2;
  while (used.has(`${base}_${number}`)) number += 1;
  return `${base}_${number}`;
}

const nodeIds = (document: Document) => document.nodes.map((node) => node.id);

/** A name that no other node has: "Split", "Split 2", … */
function freeName(document: Document, wish: string): string {
  const used = new Set(document.nodes.map(labelOf));
  if (!used.has(wish)) return wish;
  let number = 2;
  while (used.has(`${wish} ${number}`)) number += 1;
  return `${wish} ${number}`;
}

export const snap = ({ x, y }: Position): Position => ({
  x: Math.round(x / GRID) * GRID,
  y: Math.round(y / GRID) * GRID,
});

export function addNode(
  document: Document,
  spec: Spec,
  at: Position,
  title = spec.title,
): [Document, string] {
  const id = freeId(nodeIds(document), spec.name);
  const node: NodeItem = {
    id,
    component: spec.name,
    version: spec.version,
    name: freeName(document, title),
    parameters: {},
  };
  const nodes = [...document.nodes, node];
  return [withPlaces({ ...document, nodes }, { [id]: snap(at) }), id];
}

function withPlaces(document: Document, places: Record<string, Position>): Document {
  const { layout } = document;
  return { ...document, layout: { ...layout, nodes: { ...layout.nodes, ...places } } };
}

/** Nodes with their edges, in one step. */
export function removeNodes(document: Document, ids: ReadonlySet<string>): Document {
  const places = Object.entries(document.layout.nodes).filter(([id]) => !ids.has(id));
  return {
    ...document,
    nodes: document.nodes.filter((node) => !ids.has(node.id)),
    edges: document.edges.filter(
      ({ source, target }) => !ids.has(source.node) && !ids.has(target.node),
    ),
    layout: { ...document.layout, nodes: Object.fromEntries(places) },
  };
}

export function removeEdges(document: Document, ids: ReadonlySet<string>): Document {
  return { ...document, edges: document.edges.filter((edge) => !ids.has(edgeId(edge))) };
}

/** Connect; the edge that a port for one edge already has is replaced. */
export function connect(document: Document, edge: Edge, isMany: boolean): Document {
  const key = edgeId(edge);
  const kept = document.edges.filter(
    (other) =>
      edgeId(other) !== key &&
      (isMany || other.target.node !== edge.target.node || other.target.port !== edge.target.port),
  );
  return { ...document, edges: [...kept, edge] };
}

export function moveNodes(document: Document, places: Record<string, Position>): Document {
  const entries = Object.entries(places).filter(([id, { x, y }]) => {
    const old = document.layout.nodes[id];
    return !old || old.x !== x || old.y !== y;
  });
  return entries.length ? withPlaces(document, Object.fromEntries(entries)) : document;
}

export function changeNode(document: Document, id: string, change: Partial<NodeItem>): Document {
  return {
    ...document,
    nodes: document.nodes.map((node) => (node.id === id ? { ...node, ...change } : node)),
  };
}

/** undefined removes the value, so that the component's default holds again. */
export function setParameter(
  document: Document,
  id: string,
  name: string,
  value: unknown,
): Document {
  const old = findNode(document, id)?.parameters ?? {};
  const { [name]: _, ...rest } = old;
  return changeNode(document, id, {
    parameters: value === undefined ? rest : { ...old, [name]: value },
  });
}

export function setDisabled(
  document: Document,
  ids: ReadonlySet<string>,
  disabled: boolean,
): Document {
  return {
    ...document,
    nodes: document.nodes.map((node) => (ids.has(node.id) ? { ...node, disabled } : node)),
  };
}

export function setPipelineParameters(
  document: Document,
  parameters: Record<string, PipelineParameter>,
): Document {
  return { ...document, parameters };
}

export type Box = Position & { width: number; height: number };

export function boxOf(document: Document, ids: Iterable<string>): Box | null {
  const places = [...ids].map((id) => placeOf(document, id));
  if (!places.length) return null;
  const x = Math.min(...places.map((place) => place.x));
  const y = Math.min(...places.map((place) => place.y));
  const right = Math.max(...places.map((place) => place.x)) + NODE_WIDTH;
  const bottom = Math.max(...places.map((place) => place.y)) + NODE_HEIGHT;
  return { x, y, width: right - x, height: bottom - y };
}

const FRAME_MARGIN = 24;
const FRAME_TITLE = 28;

export function addFrame(document: Document, ids: Iterable<string>, title: string): Document {
  const box = boxOf(document, ids);
  if (!box) return document;
  return setLayout(document, { frames: [...document.layout.frames, frameAround(title, box)] });
}

const frameAround = (title: string, box: Box): Frame => ({
  title,
  x: box.x - FRAME_MARGIN,
  y: box.y - FRAME_MARGIN - FRAME_TITLE,
  width: box.width + 2 * FRAME_MARGIN,
  height: box.height + 2 * FRAME_MARGIN + FRAME_TITLE,
});

/** After a layout frames go around the nodes that were in them before. */
export function refitFrames(before: Document, after: Document): Document {
  const frames = before.layout.frames.map((frame) => {
    const box = boxOf(after, membersOf(before, frame));
    return box ? frameAround(frame.title ?? "", box) : frame;
  });
  return setLayout(after, { frames });
}

export function addNote(document: Document, at: Position, text: string): Document {
  return setLayout(document, { notes: [...document.layout.notes, { text, ...snap(at) }] });
}

export function setLayout(
  document: Document,
  change: Partial<Pick<Document["layout"], "frames" | "notes">>,
): Document {
  return { ...document, layout: { ...document.layout, ...change } };
}

export const changeAt = <T>(items: T[], index: number, change: Partial<T>): T[] =>
  items.map((item, at) => (at === index ? { ...item, ...change } : item));

export const removeAt = <T>(items: T[], indices: ReadonlySet<number>): T[] =>
  items.filter((_, at) => !indices.has(at));

/** Nodes whose middle lies in the frame: they move with it. */
export function membersOf(document: Document, frame: Frame): string[] {
  return document.nodes
    .filter(({ id }) => {
      const { x, y } = placeOf(document, id);
      const [middle, centre] = [x + NODE_WIDTH / 2, y + NODE_HEIGHT / 2];
      return (
        middle > frame.x &&
        middle < frame.x + frame.width &&
        centre > frame.y &&
        centre < frame.y + frame.height
      );
    })
    .map(({ id }) => id);
}
