// Putting components on the canvas: by drop, by the quick-add menu, from the palette by Enter.
import type { DragEvent } from "react";
import type { End, Position, Spec } from "../model/document";
import { addNode, edgeId, NODE_HEIGHT, NODE_WIDTH } from "../model/document";
import { addAfter, addBefore, insertOnEdge, placeBelow } from "../model/edit";
import { titleOf } from "../shared/component-text";
import { edgeUnder } from "./drags";
import { learn, remember } from "./recents";
import { chosenNode, edit, present, select, useEditor, type QuickAddRequest } from "./store";
import { canvasPoint, centre, reveal } from "./viewport";

export const DRAG_TYPE = "application/x-studio-component";

const middle = ({ x, y }: Position): Position => ({
  x: x - NODE_WIDTH / 2,
  y: y - NODE_HEIGHT / 2,
});

export function dropComponent(event: DragEvent): void {
  const { specs, isReadOnly } = useEditor.getState();
  const spec = specs.get(event.dataTransfer.getData(DRAG_TYPE));
  if (!spec || isReadOnly) return;
  event.preventDefault();
  const at = middle(canvasPoint({ x: event.clientX, y: event.clientY }));
  const edge = edgeUnder(present(), event);
  place(spec, { screen: { x: 0, y: 0 }, at, ...(edge ? { edge: edgeId(edge) } : {}) });
}

export function openQuickAdd(
  x: number,
  y: number,
  from?: { end: End; side: "source" | "target" },
): void {
  if (useEditor.getState().isReadOnly) return;
  const point = canvasPoint({ x, y });
  const at = from
    ? { x: point.x - NODE_WIDTH / 2, y: from.side === "source" ? point.y : point.y - NODE_HEIGHT }
    : middle(point);
  useEditor.setState({ quickAdd: { screen: { x, y }, at, ...(from && { from }) } });
}

/** Add a component where it was asked for, connected to what it was asked from. */
export function place(spec: Spec, request: QuickAddRequest): void {
  const document = present();
  const [next, id, neighbour] = placed(document, spec, request);
  edit(next);
  select([id]);
  useEditor.setState({ quickAdd: null });
  remember(spec.name);
  if (neighbour) learn(neighbour, spec.name);
  window.document.getElementById("canvas")?.focus();
}

function placed(
  document: ReturnType<typeof present>,
  spec: Spec,
  { at, from, edge: wanted }: QuickAddRequest,
): [ReturnType<typeof present>, string, string | null] {
  const { specs } = useEditor.getState();
  const title = titleOf(spec);
  const edge = document.edges.find((item) => edgeId(item) === wanted);
  const spliced = edge && insertOnEdge(document, specs, edge, spec, at, title);
  if (spliced) return [...spliced, componentOf(document, edge.source.node)];
  if (from?.side === "source") {
    const [next, id] = addAfter(document, specs, from.end, spec, at, title);
    return [next, id, componentOf(document, from.end.node)];
  }
  const added = from
    ? addBefore(document, specs, from.end, spec, at, title)
    : addNode(document, spec, at, title);
  return [...added, null];
}

const componentOf = (document: ReturnType<typeof present>, node: string): string | null =>
  document.nodes.find(({ id }) => id === node)?.component ?? null;

/** From the palette by Enter: below the chosen node and connected to it, else in the middle. */
export function placeByKeyboard(spec: Spec): void {
  const chosen = chosenNode(useEditor.getState());
  const screen = { x: 0, y: 0 };
  if (chosen) {
    const { specs } = useEditor.getState();
    const at = placeBelow(present(), chosen);
    const [next, id] = addAfter(present(), specs, { node: chosen }, spec, at, titleOf(spec));
    edit(next);
    select([id]);
    remember(spec.name);
    learn(componentOf(present(), chosen) ?? "", spec.name);
    reveal(id);
    return;
  }
  place(spec, { screen, at: middle(centre()) });
}
