// What part of the canvas is seen; lets commands outside of it look at nodes.
import { getViewportForBounds, type ReactFlowInstance } from "@xyflow/react";
import type { RefObject } from "react";
import {
  boxOf,
  NODE_HEIGHT,
  NODE_WIDTH,
  placeOf,
  type Box,
  type Document,
  type Position,
} from "../model/document";
import { extentOf } from "../model/inside";
import type { CanvasEdge, CanvasNode } from "./flow";
import { present, selectedNodes } from "./store";

type Flow = ReactFlowInstance<CanvasNode, CanvasEdge>;

export const ZOOM = { least: 0.08, most: 2 };

/** Room for the buttons below. */
const PADDING = { top: "24px", right: "28px", bottom: "64px", left: "28px" } as const;

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

interface Camera {
  transform: readonly [x: number, y: number, zoom: number];
  width: number;
  height: number;
}

/** What is seen, in the canvas; null until the canvas has a size. */
export function sightOf({ transform: [x, y, zoom], width, height }: Camera): Box | null {
  if (!width || !height) return null;
  return { x: -x / zoom, y: -y / zoom, width: width / zoom, height: height / zoom };
}

/** Whether every node is seen: then a minimap says nothing. */
export function isInSight(document: Document, camera: Camera): boolean {
  const [sight, box] = [sightOf(camera), extentOf(document)];
  if (!sight || !box) return true;
  return (
    box.x >= sight.x &&
    box.y >= sight.y &&
    box.x + box.width <= sight.x + sight.width &&
    box.y + box.height <= sight.y + sight.height
  );
}

/** The middle of what is seen, in the canvas. */
export const centre = (): Position => canvasPoint(screenCentre());

/** Nodes that are no elements count, too: React Flow's own fitView would not know them. */
function show(box: Box | null, most: number, padding: typeof PADDING | number, ms: number): void {
  const size = pane?.current?.getBoundingClientRect();
  if (!flow || !size || !box) return;
  const { width, height } = size;
  void flow.setViewport(getViewportForBounds(box, width, height, ZOOM.least, most, padding), {
    duration: ms,
  });
}

/** Show everything; `atOnce` where nobody has looked yet. */
export const fit = (atOnce = false): void =>
  show(extentOf(present()), 1, PADDING, atOnce ? 0 : duration());

export function fitSelection(): void {
  show(boxOf(present(), selectedNodes()), 1.2, 0.3, duration());
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
