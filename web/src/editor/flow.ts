// A document as React Flow's nodes and edges. An object changes only when what it shows changes.
import { Position as Side, type Edge as FlowEdge, type Node as FlowNode } from "@xyflow/react";
import {
  edgeId,
  NODE_HEIGHT,
  NODE_WIDTH,
  placeOf,
  type Box,
  type Document,
  type Edge,
  type Frame,
  type NodeItem,
  type Note,
  type Port,
  type Position,
  type Spec,
  type Specs,
} from "../model/document";
import { inputOf, isBroken, outputOf, specOf } from "../model/connections";
import { between, meets, NOTE } from "../model/inside";
import type { Shown } from "./window";

export type StepNode = FlowNode<{ node: NodeItem; spec: Spec | null; ports: Ports }, "step">;
export type FrameNode = FlowNode<{ frame: Frame; index: number }, "frame">;
export type NoteNode = FlowNode<{ note: Note; index: number }, "note">;
export type CanvasNode = StepNode | FrameNode | NoteNode;
export type CanvasEdge = FlowEdge<{ kind: string; isBroken: boolean }, "edge">;

export interface Ports {
  inputs: Port[];
  outputs: Port[];
}

export const PORT = 14;

/** Where the i-th of n ports sits on the node's border, from the left. */
export const portX = (index: number, count: number): number =>
  Math.round((NODE_WIDTH * (index + 1)) / (count + 1));

interface Seen {
  key: readonly unknown[];
  flow: CanvasNode;
}

const isSame = (a: readonly unknown[], b: readonly unknown[]) =>
  a.length === b.length && a.every((value, index) => value === b[index]);

/**
 * Remembers what was made, so that unchanged nodes stay the same objects.
 *
 * Only nodes that are mounted are made, and, hidden, those at the other ends of their edges.
 */
export class FlowNodes {
  private seen = new Map<string, Seen>();

  make(
    document: Document,
    specs: Specs,
    selected: ReadonlySet<string>,
    dragged: Readonly<Record<string, Position>>,
    mounted: ReadonlySet<string>,
    edges: readonly CanvasEdge[],
  ): CanvasNode[] {
    const ends = new Set(edges.flatMap(({ source, target }) => [source, target]));
    const broken = brokenNodes(document, specs);
    const next = new Map<string, Seen>();
    const keep = (id: string, key: readonly unknown[], build: () => CanvasNode) => {
      const old = this.seen.get(id);
      next.set(id, old && isSame(old.key, key) ? old : { key, flow: build() });
    };
    document.layout.frames.forEach((frame, index) => {
      const id = `frame:${index}`;
      const key = [frame, selected.has(id), dragged[id]];
      keep(id, key, () => frameNode(id, index, frame, selected.has(id), dragged[id]));
    });
    for (const node of document.nodes) {
      const { id } = node;
      const hidden = !mounted.has(id);
      if (hidden && !ends.has(id)) continue;
      const spec = specs.get(node.component) ?? null;
      const place = dragged[id] ?? placeOf(document, id);
      const lost = broken.has(id) ? portsFromEdges(document, id) : null;
      const ports = lost ? withLost(spec, lost) : spec!;
      const shape = lost ? JSON.stringify(ports) : spec;
      const key = [node, shape, place.x, place.y, selected.has(id), hidden];
      keep(id, key, () => ({ ...stepNode(node, spec, ports, place, selected.has(id)), hidden }));
    }
    document.layout.notes.forEach((note, index) => {
      const id = `note:${index}`;
      const key = [note, selected.has(id), dragged[id]];
      keep(id, key, () => noteNode(id, index, note, selected.has(id), dragged[id]));
    });
    this.seen = next;
    return [...next.values()].map(({ flow }) => flow);
  }
}

function stepNode(
  node: NodeItem,
  spec: Spec | null,
  ports: Ports,
  position: Position,
  selected: boolean,
): StepNode {
  return {
    id: node.id,
    type: "step",
    position,
    selected,
    data: { node, spec, ports },
    width: NODE_WIDTH,
    height: NODE_HEIGHT,
    measured: { width: NODE_WIDTH, height: NODE_HEIGHT },
    handles: [...handles(ports.inputs, "target"), ...handles(ports.outputs, "source")],
  };
}

function handles(ports: readonly Port[], type: "source" | "target") {
  return ports.map(({ name }, index) => ({
    id: name,
    type,
    position: type === "target" ? Side.Top : Side.Bottom,
    x: portX(index, ports.length) - PORT / 2,
    y: (type === "target" ? 0 : NODE_HEIGHT) - PORT / 2,
    width: PORT,
    height: PORT,
  }));
}

/** Nodes with edges at ports that their component does not have, and nodes without a component. */
function brokenNodes(document: Document, specs: Specs): ReadonlySet<string> {
  const found = new Set<string>();
  const specOfNode = new Map<string, Spec>(); // looked up for every edge
  for (const { id, component } of document.nodes) {
    const spec = specs.get(component);
    if (spec) specOfNode.set(id, spec);
    else found.add(id);
  }
  for (const { source, target } of document.edges) {
    const [from, to] = [specOfNode.get(source.node), specOfNode.get(target.node)];
    if (from && !outputOf(from, source.port)) found.add(source.node);
    if (to && !inputOf(to, target.port)) found.add(target.node);
  }
  return found;
}

/** Ports of a component, and those that only edges still name: an edge is broken, not lost. */
function withLost(spec: Spec | null, lost: Ports): Ports {
  const merge = (known: readonly Port[], named: readonly Port[]) => [
    ...known,
    ...named.filter(({ name }) => !known.some((port) => port.name === name)),
  ];
  return {
    inputs: merge(spec?.inputs ?? [], lost.inputs),
    outputs: merge(spec?.outputs ?? [], lost.outputs),
  };
}

/** An unknown component keeps its edges: its ports are those that its edges name. */
function portsFromEdges(document: Document, id: string): Ports {
  const port = (name: string): Port => ({
    name,
    kind: "file",
    receives: "",
    description: "",
    required: false,
    many: true,
  });
  const inputs = document.edges.flatMap(({ target }) => (target.node === id ? [target.port] : []));
  const outputs = document.edges.flatMap(({ source }) => (source.node === id ? [source.port] : []));
  return {
    inputs: [...new Set(inputs)].map(port),
    outputs: [...new Set(outputs)].map(port),
  };
}

function frameNode(
  id: string,
  index: number,
  frame: Frame,
  selected: boolean,
  at: Position = frame,
): FrameNode {
  const { width, height } = frame;
  return {
    id,
    type: "frame",
    position: { x: at.x, y: at.y },
    selected,
    zIndex: -1,
    data: { frame, index },
    width,
    height,
    measured: { width, height },
    dragHandle: ".frame-title",
  };
}

function noteNode(
  id: string,
  index: number,
  note: Note,
  selected: boolean,
  at: Position = note,
): NoteNode {
  return {
    id,
    type: "note",
    position: { x: at.x, y: at.y },
    selected,
    data: { note, index },
    ...NOTE,
    measured: NOTE,
  };
}

interface SeenEdge {
  key: readonly unknown[];
  flow: CanvasEdge;
}

/** Edges of which an end is mounted, or that pass through. Remembers them as FlowNodes does. */
export class FlowEdges {
  private seen = new Map<string, SeenEdge>();

  make(
    document: Document,
    specs: Specs,
    selected: ReadonlySet<string>,
    { mounted, around }: Pick<Shown, "mounted" | "around">,
  ): CanvasEdge[] {
    const next = new Map<string, SeenEdge>();
    for (const edge of document.edges) {
      const isNear = mounted.has(edge.source.node) || mounted.has(edge.target.node);
      if (!isNear && !passes(document, edge, around)) continue;
      const id = edgeId(edge);
      const port = outputOf(specOf(document, specs, edge.source.node), edge.source.port);
      const kind = port?.kind ?? "file";
      const isWrong = isBroken(document, specs, edge);
      const key = [kind, isWrong, selected.has(id)];
      const old = this.seen.get(id);
      const flow = () => flowEdge(id, edge, kind, isWrong, selected.has(id));
      next.set(id, old && isSame(old.key, key) ? old : { key, flow: flow() });
    }
    this.seen = next;
    return [...next.values()].map(({ flow }) => flow);
  }
}

const passes = (document: Document, { source, target }: Edge, around: Box | null): boolean =>
  around !== null &&
  meets(between(placeOf(document, source.node), placeOf(document, target.node)), around);

const flowEdge = (
  id: string,
  { source, target }: Edge,
  kind: string,
  isWrong: boolean,
  selected: boolean,
): CanvasEdge => ({
  id,
  type: "edge",
  source: source.node,
  sourceHandle: source.port,
  target: target.node,
  targetHandle: target.port,
  selected,
  data: { kind, isBroken: isWrong },
});
