// What part of the canvas is seen; lets commands outside of it look at nodes.
import type { ReactFlowInstance } from "@xyflow/react";
import type { RefObject } from "react";
import {
  boxOf,
  NODE_HEIGHT,
  NODE_WIDTH,
  placeOf,
  type Document,
  type Position,
} from "../model/document";
import type { CanvasEdge, CanvasNode } from "./flow";
import { present, selectedNodes } from "./store";

type Flow = ReactFlowInstance<CanvasNode, CanvasEdge>;

/** Room for the buttons below. */
export const FIT = {
  padding: { top: "24px", right: "28px", bottom: "64px", left: "28px" },
  maxZoom: 1,
} as const;

let flow: Flow | null = null;
let pane: RefObject<HTMLDivElement | null> | null = null;

export function setViewport(instance: Flow, element: RefObject<HTMLDivElement | null>): void {
  flow = instance;
  pane = element;
}

const isStill = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
const duration = () => (isStill() ? 0 : 200);

export const canvasPoint = (screen: Position): Position =>
  flow?.screenToFlowPosition(screen) ?? screen;

export function screenCentre(): Position {
  const box = pane?.current?.getBoundingClientRect();
  return box ? { x: box.x + box.width / 2, y: box.y + box.height / 2 } : { x: 0, y: 0 };
}

type Transform = readonly [x: number, y: number, zoom: number];

/** Whether every node is seen: then a minimap says nothing. */
export function isInSight(
  document: Document,
  [x, y, zoom]: Transform,
  width: number,
  height: number,
): boolean {
  const box = boxOf(
    document,
    document.nodes.map(({ id }) => id),
  );
  if (!box) return true;
  const [left, top] = [box.x * zoom + x, box.y * zoom + y];
  const [right, bottom] = [left + box.width * zoom, top + box.height * zoom];
  return left >= 0 && top >= 0 && right <= width && bottom <= height;
}

/** The middle of what is seen, in the canvas. */
export const centre = (): Position => canvasPoint(screenCentre());

export const fit = (): void => void flow?.fitView({ ...FIT, duration: duration() });

export function fitSelection(): void {
  const nodes = selectedNodes().map((id) => ({ id }));
  if (nodes.length) void flow?.fitView({ nodes, padding: 0.3, maxZoom: 1.2, duration: duration() });
}

export const zoomTo = (zoom: number): void => void flow?.zoomTo(zoom, { duration: duration() });
export const zoomIn = (): void => void flow?.zoomIn({ duration: duration() });
export const zoomOut = (): void => void flow?.zoomOut({ duration: duration() });

export function pan(dx: number, dy: number): void {
  const view = flow?.getViewport();
  if (view) void flow?.setViewport({ ...view, x: view.x + dx, y: view.y + dy });
}

/** Bring a node into sight, if it is not; `always` also centres it. */
export function reveal(id: string, always = false): void {
  const box = pane?.current?.getBoundingClientRect();
  if (!flow || !box) return;
  const { x, y } = placeOf(present(), id);
  const { zoom } = flow.getViewport();
  const corner = flow.flowToScreenPosition({ x, y });
  const isSeen =
    corner.x > box.left &&
    corner.y > box.top &&
    corner.x + NODE_WIDTH * zoom < box.right &&
    corner.y + NODE_HEIGHT * zoom < box.bottom;
  if (isSeen && !always) return;
  void flow.setCenter(x + NODE_WIDTH / 2, y + NODE_HEIGHT / 2, {
    zoom: Math.max(zoom, 0.6),
    duration: duration(),
  });
}
