// The canvas: the document drawn by React Flow, and every gesture of the mouse on it.
import {
  Background,
  BackgroundVariant,
  ReactFlow,
  SelectionMode,
  useReactFlow,
  useStore,
  useStoreApi,
  type EdgeChange,
  type NodeChange,
} from "@xyflow/react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { GRID, type Document } from "../model/document";
import { nodeAt } from "../model/inside";
import { Announcer } from "./announcer";
import { BASE_KEYS, onCanvasKey } from "./canvas-keys";
import { ConnectionPill } from "./connection-pill";
import * as drags from "./drags";
import { EdgeView } from "./edge-view";
import { FlowEdges, FlowNodes, type CanvasEdge, type CanvasNode } from "./flow";
import { FrameView } from "./frame-view";
import { EmptyCanvas } from "./empty-canvas";
import { Minimap } from "./minimap";
import { NodeView } from "./node-view";
import { NoteView } from "./note-view";
import { usePreferences } from "../shared/preferences";
import { dropComponent, openQuickAdd } from "./placing";
import { Sketch } from "./sketch";
import { chosenNode, present, select, useEditor } from "./store";
import { useBoxSelection, useShown } from "./use-shown";
import { canvasPoint, fit, isInSight, setViewport, ZOOM } from "./viewport";
import classes from "./canvas.module.css";

const NODE_TYPES = { step: NodeView, frame: FrameView, note: NoteView };
const EDGE_TYPES = { edge: EdgeView };
/** Below these zooms a node shows less, in larger letters. */
const MIDDLE = 0.66;
const FAR = 0.4;

// React Flow draws every node anew when one of these is another object than before.
const OTHER_BUTTONS = [1, 2];
const SNAP: [number, number] = [GRID, GRID];
const focusCanvas = () => window.document.getElementById("canvas")?.focus();
const enterEdge = (_: unknown, { id }: CanvasEdge) => useEditor.setState({ hoveredEdge: id });
const leaveEdge = (_: unknown, { id }: CanvasEdge) => drags.leaveEdge(id);
const startSelectionDrag = (event: React.MouseEvent, dragging: CanvasNode[]) =>
  drags.startDrag(event.nativeEvent, dragging[0]!, dragging);
const leaveNodes = () => {
  select([]);
  focusCanvas();
};

export function Canvas() {
  const { t } = useTranslation("editor");
  const flowStore = useStoreApi();
  const flow = useReactFlow<CanvasNode, CanvasEdge>();
  const document_ = useEditor(present);
  const specs = useEditor((state) => state.specs);
  const selected = useEditor((state) => state.selected);
  const selectedEdges = useEditor((state) => state.selectedEdges);
  const dragged = useEditor((state) => state.dragged);
  const isReadOnly = useEditor((state) => state.isReadOnly);
  const pipelineId = useEditor((state) => state.pipelineId);
  const chosen = useEditor(chosenNode);
  const { leftDragPans, showsMinimap } = usePreferences();
  const [makers] = useState(() => ({ nodes: new FlowNodes(), edges: new FlowEdges() }));
  const shown = useShown(document_);
  useBoxSelection();
  const [pointed, setPointed] = useState<string | null>(null);
  const edges = useMemo(
    () => makers.edges.make(document_, specs, selectedEdges, shown),
    [makers, document_, specs, selectedEdges, shown],
  );
  const mounted = useMemo(
    () => (shown.isSketched ? withTouched(shown.mounted, pointed, selected) : shown.mounted),
    [shown, pointed, selected],
  );
  const nodes = useMemo(
    () => makers.nodes.make(document_, specs, selected, dragged, mounted, edges),
    [makers, document_, specs, selected, dragged, mounted, edges],
  );
  const detail = useStore(({ transform: [, , zoom] }) =>
    zoom < FAR ? "far" : zoom < MIDDLE ? "middle" : undefined,
  );
  const isWhole = useStore((camera) => isInSight(present(), camera));
  const pane = useRef<HTMLDivElement>(null);

  useEffect(() => setViewport(flow, pane), [flow]);
  const size = useStore(({ width, height }) => `${width} ${height}`);
  const hasLooked = useRef(false);
  useEffect(() => {
    hasLooked.current = false;
  }, [pipelineId]);
  useEffect(() => {
    if (!hasLooked.current) fit(true);
  }, [flow, pipelineId, size]);

  const onMoveStart = useCallback((event: MouseEvent | TouchEvent | null) => {
    if (event) hasLooked.current = true; // a person looks around: the view is theirs
  }, []);

  const onPointerMove = useCallback(
    ({ clientX: x, clientY: y }: React.PointerEvent) =>
      setPointed(nodeAt(present(), canvasPoint({ x, y }))),
    [],
  );

  const onNodesChange = useCallback(
    (changes: NodeChange<CanvasNode>[]) => {
      drags.applyMoves(changes);
      const { userSelectionActive, multiSelectionActive } = flowStore.getState();
      const picks = changes.filter((change) => change.type === "select");
      if (!picks.length || userSelectionActive) return;
      const isNew = !multiSelectionActive && picks.some((pick) => pick.selected);
      const next = new Set(isNew ? [] : useEditor.getState().selected);
      for (const { id, selected: isPicked } of picks) next[isPicked ? "add" : "delete"](id);
      useEditor.setState({ selected: next });
    },
    [flowStore],
  );

  const onEdgesChange = useCallback(
    (changes: EdgeChange<CanvasEdge>[]) => {
      const picks = changes.filter((change) => change.type === "select");
      if (!picks.length || flowStore.getState().userSelectionActive) return;
      const next = new Set(useEditor.getState().selectedEdges);
      for (const { id, selected: isPicked } of picks) next[isPicked ? "add" : "delete"](id);
      useEditor.setState({ selectedEdges: next });
    },
    [flowStore],
  );

  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- an application takes keys
    <div
      id="canvas"
      ref={pane}
      className={classes.canvas}
      data-detail={detail}
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- one tab stop; nodes by arrows
      tabIndex={0}
      role="application"
      aria-label={t("canvas.label")}
      aria-describedby="canvas-help"
      aria-activedescendant={chosen ? `node-${chosen}` : undefined}
      onKeyDown={(event) => onCanvasKey(event.nativeEvent)}
      onPointerMove={shown.isSketched ? onPointerMove : undefined}
      onDragOver={(event) => event.preventDefault()}
      onDrop={dropComponent}
      onDoubleClick={(event) => {
        const target = event.target as Element;
        if (target.closest(".react-flow__pane")) openQuickAdd(event.clientX, event.clientY);
      }}
    >
      <span id="canvas-help" className={classes.hidden}>
        {t("canvas.help")}
      </span>
      <ReactFlow<CanvasNode, CanvasEdge>
        {...BASE_KEYS}
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        edgeTypes={EDGE_TYPES}
        onNodesChange={onNodesChange}
        onEdgesChange={onEdgesChange}
        onNodeDragStart={drags.startDrag}
        onSelectionDragStart={startSelectionDrag}
        onNodeDragStop={drags.endDrag}
        onSelectionDragStop={drags.endDrag}
        onConnectStart={drags.startConnecting}
        onConnectEnd={drags.endConnecting}
        onConnect={drags.connectPorts}
        onReconnect={drags.moveEdge}
        isValidConnection={drags.isAllowed}
        onEdgeMouseEnter={enterEdge}
        onEdgeMouseLeave={leaveEdge}
        onMoveStart={onMoveStart}
        onPaneClick={leaveNodes}
        onNodeClick={focusCanvas}
        nodesDraggable={!isReadOnly}
        nodesConnectable={!isReadOnly}
        edgesReconnectable={!isReadOnly}
        nodesFocusable={false}
        edgesFocusable={false}
        disableKeyboardA11y
        selectionOnDrag={!leftDragPans}
        panOnDrag={leftDragPans ? true : OTHER_BUTTONS}
        panOnScroll
        selectionMode={SelectionMode.Partial}
        snapToGrid
        snapGrid={SNAP}
        connectionRadius={26}
        minZoom={ZOOM.least}
        maxZoom={ZOOM.most}
        zoomOnDoubleClick={false}
        elevateNodesOnSelect={false}
      >
        <Background variant={BackgroundVariant.Dots} gap={24} size={1.2} color="var(--border)" />
        {shown.isSketched && <Sketch />}
        {showsMinimap && !isWhole && <Minimap />}
        {!isReadOnly && <ConnectionPill />}
      </ReactFlow>
      {isEmpty(document_) && <EmptyCanvas />}
      <Announcer />
    </div>
  );
}

const FEW = 20;

/** Of a sketch, what the pointer is on and what is selected can be touched: they are elements. */
function withTouched(
  mounted: ReadonlySet<string>,
  pointed: string | null,
  selected: ReadonlySet<string>,
): ReadonlySet<string> {
  const chosen = selected.size <= FEW ? selected : [];
  return new Set([...mounted, ...chosen, ...(pointed ? [pointed] : [])]);
}

const isEmpty = ({ nodes, layout }: Document): boolean =>
  nodes.length + layout.frames.length + layout.notes.length === 0;
