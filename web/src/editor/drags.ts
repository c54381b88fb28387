// What the mouse does on the canvas: moving things, drawing, moving and refusing edges.
import {
  type Connection,
  type Edge as FlowEdge,
  type FinalConnectionState,
  type NodeChange,
  type OnConnectStart,
  type OnNodeDrag,
} from "@xyflow/react";
import { checkConnection, firstFit } from "../model/connections";
import {
  changeAt,
  connect,
  edgeId,
  membersOf,
  moveNodes,
  placeOf,
  removeEdges,
  setLayout,
  snap,
  type Document,
  type Edge,
  type Position,
} from "../model/document";
import { paste, spliceNode, toClip } from "../model/edit";
import type { CanvasEdge, CanvasNode } from "./flow";
import { openQuickAdd } from "./placing";
import { edit, present, selectedNodes, useEditor } from "./store";

/** Where what is dragged began, and what moves with it: a frame's members, the selected out of sight. */
let carried = new Map<string, { from: Position; members: Record<string, Position> }>();

export const startDrag: OnNodeDrag<CanvasNode> = (event, node, nodes) => {
  useEditor.setState({ hoveredEdge: null });
  if (event.altKey) duplicateInPlace(nodes.map(({ id }) => id).filter((id) => !id.includes(":")));
  carried = new Map();
  const document = present();
  const dragged = new Set([node, ...nodes].map(({ id }) => id));
  const { selected } = useEditor.getState();
  for (const { id, type, data, position } of new Set([node, ...nodes])) {
    const own = type === "frame" ? membersOf(document, data.frame) : [];
    const others = id === node.id && selected.has(id) ? selectedNodes() : [];
    const members = [...own, ...others].filter((member) => !dragged.has(member));
    if (!members.length) continue;
    for (const member of members) dragged.add(member);
    const places = members.map((member) => [member, placeOf(document, member)] as const);
    carried.set(id, { from: position, members: Object.fromEntries(places) });
  }
};

/** Alt and a drag leave a copy behind. */
function duplicateInPlace(ids: string[]): void {
  edit((document) => paste(document, toClip(document, new Set(ids)), { x: 0, y: 0 }, true)[0]);
}

export function applyMoves(changes: readonly NodeChange<CanvasNode>[]): void {
  const moves = changes.filter((change) => change.type === "position" && change.position);
  if (!moves.length) return;
  const dragged: Record<string, Position> = { ...useEditor.getState().dragged };
  for (const change of moves) {
    if (change.type !== "position" || !change.position) continue;
    dragged[change.id] = change.position;
    const load = carried.get(change.id);
    if (!load) continue;
    const [dx, dy] = [change.position.x - load.from.x, change.position.y - load.from.y];
    for (const [id, { x, y }] of Object.entries(load.members)) {
      dragged[id] = { x: x + dx, y: y + dy };
    }
  }
  useEditor.setState({ dragged });
}

/** One step of the history for a whole drag; a node dropped on an edge goes into it. */
export const endDrag = (event: unknown): void => {
  const { dragged, specs } = useEditor.getState();
  useEditor.setState({ dragged: {} });
  const ids = Object.keys(dragged);
  if (!ids.length) return;
  const point = event as { clientX?: number; clientY?: number };
  edit((document) => {
    const moved = moveAll(document, dragged);
    const edge = ids.length === 1 && edgeUnder(moved, point, ids[0]!);
    return (edge && spliceNode(moved, specs, edge, ids[0]!)) || moved;
  });
};

function moveAll(document: Document, places: Record<string, Position>): Document {
  const nodes: Record<string, Position> = {};
  let { frames, notes } = document.layout;
  for (const [id, place] of Object.entries(places)) {
    const [type, index] = id.split(":");
    const at = snap(place);
    if (index === undefined) nodes[id] = at;
    else if (type === "frame") frames = changeAt(frames, Number(index), at);
    else notes = changeAt(notes, Number(index), at);
  }
  return moveNodes(setLayout(document, { frames, notes }), nodes);
}

/** The edge below the pointer, for a node that has no edges yet. */
export function edgeUnder(
  document: Document,
  { clientX, clientY }: { clientX?: number; clientY?: number },
  node?: string,
): Edge | null {
  if (clientX === undefined || clientY === undefined) return null;
  const isLoose = !document.edges.some(
    ({ source, target }) => source.node === node || target.node === node,
  );
  if (node && !isLoose) return null;
  const found = window.document
    .elementsFromPoint(clientX, clientY)
    .map((element) => element.closest(".react-flow__edge")?.getAttribute("data-id"))
    .find(Boolean);
  return document.edges.find((edge) => edgeId(edge) === found) ?? null;
}

export const startConnecting: OnConnectStart = (_, { nodeId, handleId, handleType }) => {
  if (!nodeId || !handleId || !handleType) return;
  const end = { node: nodeId, port: handleId };
  useEditor.setState({ connecting: { end, side: handleType }, hoveredEdge: null });
};

/** Dropped on a node: its first port that fits. On nothing: what could come there. On a port that
 * refuses: nothing, as the reason at the pointer said. */
export function endConnecting(event: MouseEvent | TouchEvent, state: FinalConnectionState): void {
  const { connecting, isReadOnly } = useEditor.getState();
  useEditor.setState({ connecting: null });
  if (state.isValid || isRefused(state) || !connecting || isReadOnly) return;
  const { clientX, clientY } = "changedTouches" in event ? event.changedTouches[0]! : event;
  const under = window.document.elementFromPoint(clientX, clientY);
  const node = under?.closest(".react-flow__node")?.getAttribute("data-id");
  if (node && !node.includes(":")) connectNodes(connecting, node);
  else if (under?.closest(".react-flow__pane, .react-flow__node-frame")) {
    openQuickAdd(clientX, clientY, connecting);
  }
}

const isRefused = ({ fromHandle, toHandle }: FinalConnectionState): boolean =>
  toHandle !== null && (toHandle.nodeId !== fromHandle?.nodeId || toHandle.id !== fromHandle?.id);

function connectNodes(
  { end, side }: { end: { node: string; port: string }; side: "source" | "target" },
  other: string,
): void {
  const { specs } = useEditor.getState();
  edit((document) => {
    const edge =
      side === "source"
        ? firstFit(document, specs, end, { node: other })
        : firstFit(document, specs, { node: other }, end);
    return edge ? draw(document, edge) : document;
  });
}

function draw(document: Document, edge: Edge): Document {
  const { specs } = useEditor.getState();
  const verdict = checkConnection(document, specs, edge.source, edge.target);
  return verdict.allowed ? connect(document, edge, verdict.isMany) : document;
}

type Ends = Pick<Connection, "source" | "sourceHandle" | "target" | "targetHandle">;

const asEdge = ({ source, sourceHandle, target, targetHandle }: Ends): Edge => ({
  source: { node: source, port: sourceHandle ?? "" },
  target: { node: target, port: targetHandle ?? "" },
});

export const connectPorts = (connection: Connection): void =>
  edit((document) => draw(document, asEdge(connection)));

export function moveEdge(old: CanvasEdge, connection: Connection): void {
  edit((document) => {
    const without = removeEdges(document, new Set([old.id]));
    const next = draw(without, asEdge(connection));
    return next === without ? document : next;
  });
}

export function isAllowed(connection: Connection | FlowEdge): boolean {
  const { specs } = useEditor.getState();
  const { source, target } = asEdge(connection as Ends);
  return checkConnection(present(), specs, source, target).allowed;
}

export function leaveEdge(id: string): void {
  setTimeout(() => {
    const isOnButton = window.document.querySelector("[data-edge]:hover") !== null;
    if (!isOnButton) {
      useEditor.setState((state) => (state.hoveredEdge === id ? { hoveredEdge: null } : {}));
    }
  }, 400);
}
