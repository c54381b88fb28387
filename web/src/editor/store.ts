// What is edited: one document with its history, what is selected, what is being dragged.
import { create } from "zustand";
import { begin, record, redo, undo, type History } from "../model/history";
import {
  emptyDocument,
  findNode,
  type Document,
  type End,
  type Position,
  type Specs,
} from "../model/document";

export interface QuickAddRequest {
  /** Where the menu opens, in pixels of the window. */
  screen: Position;
  /** Where the node goes, in the canvas. */
  at: Position;
  from?: { end: End; side: "source" | "target" };
  edge?: string;
}

interface EditorState {
  pipelineId: string | null;
  history: History<Document>;
  specs: Specs;
  isReadOnly: boolean;
  /** Ids of nodes, `frame:0`, `note:0`. */
  selected: ReadonlySet<string>;
  selectedEdges: ReadonlySet<string>;
  /** Positions of things that are being dragged; not yet part of the document. */
  dragged: Readonly<Record<string, Position>>;
  /** The port that an edge is being drawn from. */
  connecting: { end: End; side: "source" | "target" } | null;
  quickAdd: QuickAddRequest | null;
  /** The node or frame whose title is being typed. */
  renaming: string | null;
  hoveredEdge: string | null;
}

const NOTHING: ReadonlySet<string> = new Set();

export const useEditor = create<EditorState>()(() => ({
  pipelineId: null,
  history: begin(emptyDocument("")),
  specs: new Map(),
  isReadOnly: false,
  selected: NOTHING,
  selectedEdges: NOTHING,
  dragged: {},
  connecting: null,
  quickAdd: null,
  renaming: null,
  hoveredEdge: null,
}));

export const present = (state: EditorState = useEditor.getState()): Document =>
  state.history.present;

/** Show another document; its history begins here. */
export function load(pipelineId: string | null, document: Document, isReadOnly = false): void {
  useEditor.setState({
    pipelineId,
    history: begin(document),
    isReadOnly,
    selected: NOTHING,
    selectedEdges: NOTHING,
    dragged: {},
    connecting: null,
    quickAdd: null,
    renaming: null,
    hoveredEdge: null,
  });
}

/** Change the document: one step of the history, or part of the running one of the same tag. */
export function edit(next: Document | ((document: Document) => Document), tag?: string): void {
  useEditor.setState((state) => {
    if (state.isReadOnly) return state;
    const document = typeof next === "function" ? next(present(state)) : next;
    return { history: record(state.history, document, tag), ...kept(state, document) };
  });
}

export const undoEdit = (): void => travel(undo);
export const redoEdit = (): void => travel(redo);

function travel(move: (history: History<Document>) => History<Document>): void {
  useEditor.setState((state) => {
    if (state.isReadOnly) return state;
    const history = move(state.history);
    return { history, ...kept(state, history.present) };
  });
}

/** The selection without what is no longer there. */
function kept(state: EditorState, document: Document) {
  const isThere = (id: string) => id.includes(":") || findNode(document, id) !== undefined;
  const selected = [...state.selected].filter(isThere);
  return selected.length === state.selected.size ? {} : { selected: new Set(selected) };
}

export function select(ids: Iterable<string>, edges: Iterable<string> = []): void {
  useEditor.setState({ selected: new Set(ids), selectedEdges: new Set(edges) });
}

/** The ids of the selected nodes, without frames and notes. */
export const selectedNodes = (state: EditorState = useEditor.getState()): string[] =>
  [...state.selected].filter((id) => !id.includes(":"));

/** The one selected node, or null. */
export function chosenNode(state: EditorState): string | null {
  const nodes = selectedNodes(state);
  return nodes.length === 1 ? nodes[0]! : null;
}
