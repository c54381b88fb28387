// An edge: the colour of what it carries, a button in its middle that adds a component.
import { BaseEdge, EdgeLabelRenderer, getBezierPath, type EdgeProps } from "@xyflow/react";
import { Plus } from "lucide-react";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import type { CanvasEdge } from "./flow";
import { stateOf, useRun } from "./run-store";
import { useEditor } from "./store";
import classes from "./edge-view.module.css";

export const EdgeView = memo(function EdgeView(props: EdgeProps<CanvasEdge>) {
  const { id, target, data, selected } = props;
  const isRunning = useRun((state) => stateOf(target)(state) === "running");
  const isOpen = useEditor((state) => state.hoveredEdge === id && !state.isReadOnly);
  const [path, x, y] = getBezierPath({ ...props, curvature: 0.35 });
  const className = [
    classes.edge,
    selected && classes.selected,
    isRunning && classes.running,
    data?.isBroken && classes.broken,
  ];
  return (
    <>
      <BaseEdge
        path={path}
        interactionWidth={18}
        className={className.filter(Boolean).join(" ")}
        style={{ "--edge": `var(--kind-${data?.kind ?? "file"})` } as React.CSSProperties}
      />
      {isOpen && <InsertButton edge={id} x={x} y={y} />}
    </>
  );
});

/** Apart, as most edges never need its words. */
function InsertButton({ edge, x, y }: { edge: string; x: number; y: number }) {
  const { t } = useTranslation("editor");
  const open = (event: React.MouseEvent) =>
    useEditor.setState({
      quickAdd: {
        screen: { x: event.clientX, y: event.clientY },
        at: { x: x - 110, y: y - 32 },
        edge,
      },
    });
  return (
    <EdgeLabelRenderer>
      <button
        type="button"
        tabIndex={-1}
        className={`${classes.add} nodrag nopan`}
        data-edge={edge}
        style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` }}
        aria-label={t("edge.insert")}
        onClick={open}
      >
        <Plus size={13} aria-hidden />
      </button>
    </EdgeLabelRenderer>
  );
}
