// The canvas: the document drawn by React Flow, and every gesture of the mouse on it.
import {
  Background,
  BackgroundVariant,
  MiniMap,
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
import { stateColour } from "../shared/state-icon";
import { Announcer } from "./announcer";
import { BASE_KEYS, onCanvasKey } from "./canvas-keys";
import { ConnectionPill } from "./connection-pill";
import * as drags from "./drags";
import { EdgeView } from "./edge-view";
import { flowEdges, FlowNodes, type CanvasEdge, type CanvasNode } from "./flow";
import { FrameView } from "./frame-view";
import { EmptyCanvas } from "./empty-canvas";
import { NodeView } from "./node-view";
import { NoteView } from "./note-view";
import { usePreferences } from "../shared/preferences";
import { useRun } from "./run-store";
import { dropComponent, openQuickAdd } from "./placing";
import { chosenNode, present, select, useEditor } from "./store";
import { FIT, isInSight, setViewport } from "./viewport";
import classes from "./canvas.module.css";

const NODE_TYPES = { step: NodeView, frame: FrameView, note: NoteView };
const EDGE_TYPES = { edge: EdgeView };
/** Below these zooms a node shows less, in larger letters. */
const MIDDLE = 0.66;
const FAR = 0.4;

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
  const [maker] = useState(() => new FlowNodes());
  const nodes = useMemo(
    () => maker.make(document_, specs, selected, dragged),
    [maker, document_, specs, selected, dragged],
  );
  const edges = useMemo(
    () => flowEdges(document_, specs, selectedEdges),
    [document_, specs, selectedEdges],
  );
  const detail = useStore(({ transform: [, , zoom] }) =>
    zoom < FAR ? "far" : zoom < MIDDLE ? "middle" : undefined,
  );
  const isWhole = useStore(({ transform, width, height }) =>
    isInSight(present(), transform, width, height),
  );
  const pane = useRef<HTMLDivElement>(null);

  useEffect(() => setViewport(flow, pane), [flow]);
  const size = useStore(({ width, height }) => `${width} ${height}`);
  const hasLooked = useRef(false);
  useEffect(() => {
    hasLooked.current = false;
  }, [pipelineId]);
  useEffect(() => {
    if (!hasLooked.current) void flow.fitView(FIT);
  }, [flow, pipelineId, size]);

  const onNodesChange = useCallback(
    (changes: NodeChange<CanvasNode>[]) => {
      drags.applyMoves(changes);
      const isBox = flowStore.getState().userSelectionActive;
      const picks = changes
        .filter((change) => change.type === "select")
        .filter(({ id }) => !isBox || !id.startsWith("frame:")); // a box is for what is in a frame
      if (!picks.length) return;
      const next = new Set(useEditor.getState().selected);
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
        onSelectionDragStart={(event, dragging) =>
          drags.startDrag(event.nativeEvent, dragging[0]!, dragging)
        }
        onNodeDragStop={drags.endDrag}
        onSelectionDragStop={drags.endDrag}
        onConnectStart={drags.startConnecting}
        onConnectEnd={drags.endConnecting}
        onConnect={drags.connectPorts}
        onReconnect={drags.moveEdge}
        isValidConnection={drags.isAllowed}
        onEdgeMouseEnter={(_, edge) => useEditor.setState({ hoveredEdge: edge.id })}
        onEdgeMouseLeave={(_, edge) => drags.leaveEdge(edge.id)}
        onMoveStart={(event) => {
          if (event) hasLooked.current = true; // a person looks around: the view is theirs
        }}
        onPaneClick={() => {
          select([]);
          pane.current?.focus();
        }}
        onNodeClick={() => pane.current?.focus()}
        nodesDraggable={!isReadOnly}
        nodesConnectable={!isReadOnly}
        edgesReconnectable={!isReadOnly}
        nodesFocusable={false}
        edgesFocusable={false}
        disableKeyboardA11y
        onlyRenderVisibleElements
        selectionOnDrag={!leftDragPans}
        panOnDrag={leftDragPans ? true : [1, 2]}
        panOnScroll
        selectionMode={SelectionMode.Partial}
        snapToGrid
        snapGrid={[8, 8]}
        connectionRadius={26}
        minZoom={0.08}
        maxZoom={2}
        zoomOnDoubleClick={false}
        elevateNodesOnSelect={false}
        fitView
        fitViewOptions={{ ...FIT }}
        proOptions={{ hideAttribution: false }}
      >
        <Background variant={BackgroundVariant.Dots} gap={24} size={1.2} color="var(--border)" />
        {showsMinimap && !isWhole && <Map />}
        {!isReadOnly && <ConnectionPill />}
      </ReactFlow>
      {nodes.length === 0 && <EmptyCanvas />}
      <Announcer />
    </div>
  );
}

function Map() {
  const { t } = useTranslation("editor");
  const steps = useRun(({ view }) => view?.steps);
  return (
    <MiniMap<CanvasNode>
      pannable
      zoomable
      ariaLabel={t("canvas.minimap")}
      style={{ width: 180, height: 110 }}
      nodeBorderRadius={12}
      nodeColor={({ id, type }) =>
        type === "step" ? stateColour(steps?.get(id)?.state ?? "waiting") : "var(--border)"
      }
      maskColor="color-mix(in srgb, var(--canvas) 70%, transparent)"
      bgColor="var(--surface)"
    />
  );
}
