// Draws a pipeline on a bitmap: far away, where its nodes are no elements, and in the minimap.
import {
  labelOf,
  NODE_HEIGHT,
  NODE_WIDTH,
  placeOf,
  type Box,
  type Document,
} from "../model/document";
import type { Position, Specs } from "../model/document";
import { byId } from "../model/by-id";
import { between, meets } from "../model/inside";
import type { Step } from "../model/run-state";
import { stateColour } from "../shared/state-icon";
import { portX } from "./flow";

export interface Scene {
  document: Document;
  specs: Specs;
  steps: ReadonlyMap<string, Step> | undefined;
  selected: ReadonlySet<string>;
  dragged: Readonly<Record<string, Position>>;
}

/** Pixels of the bitmap for one of the canvas, and where the canvas's origin is. */
export interface View {
  x: number;
  y: number;
  zoom: number;
  /** What is seen, in the canvas. */
  sight: Box;
}

/** The value of a colour of app/styles.css in the theme that is on. */
export type Colour = (name: string) => string;

/** Reads each colour once. */
export function coloursOf(element: Element): Colour {
  const style = getComputedStyle(element);
  const known = new Map<string, string>();
  return (name) => {
    let value = known.get(name);
    if (value === undefined) known.set(name, (value = style.getPropertyValue(name).trim()));
    return value;
  };
}

type Pen = CanvasRenderingContext2D;

const TITLE = 24; // as large as the title of a node far away: node-view.module.css
const READABLE = 7;
/** Below this zoom a curve cannot be told from a line. */
const STRAIGHT = 0.2;

const at = ({ document, dragged }: Scene, id: string): Position =>
  dragged[id] ?? placeOf(document, id);

const stateOf = ({ steps }: Scene, id: string, isDisabled?: boolean): string =>
  stateColour(isDisabled ? "skipped" : (steps?.get(id)?.state ?? "waiting")).slice(4, -1);

/** Edges first, so that they end behind the nodes. */
export function paint(pen: Pen, scene: Scene, view: View, colour: Colour): void {
  const { x, y, zoom } = view;
  pen.setTransform(zoom, 0, 0, zoom, x, y);
  paintEdges(pen, scene, view, colour);
  paintNodes(pen, scene, view, colour);
  pen.setTransform(1, 0, 0, 1, 0, 0);
}

/** One path a kind: a bitmap draws a thousand curves of one colour at once. */
function paintEdges(pen: Pen, scene: Scene, { zoom, sight }: View, colour: Colour): void {
  const paths = new Map<string, Path2D>();
  const { document, specs } = scene;
  const nodes = byId(document.nodes);
  const specOf = (id: string) => specs.get(nodes.get(id)?.component ?? "");
  for (const { source, target } of document.edges) {
    const outputs = specOf(source.node)?.outputs ?? [];
    const inputs = specOf(target.node)?.inputs ?? [];
    const out = outputs.findIndex(({ name }) => name === source.port);
    const into = inputs.findIndex(({ name }) => name === target.port);
    const [from, to] = [at(scene, source.node), at(scene, target.node)];
    const [x1, y1] = [from.x + portX(Math.max(0, out), outputs.length), from.y + NODE_HEIGHT];
    const [x2, y2] = [to.x + portX(Math.max(0, into), inputs.length), to.y];
    if (!meets(between({ x: x1, y: y1 }, { x: x2, y: y2 }), sight)) continue;
    const kind = outputs[out]?.kind ?? "file";
    let path = paths.get(kind);
    if (!path) paths.set(kind, (path = new Path2D()));
    path.moveTo(x1, y1);
    const reach = y2 >= y1 ? (y2 - y1) / 2 : 8.75 * Math.sqrt(y1 - y2); // as getBezierPath
    if (zoom < STRAIGHT) path.lineTo(x2, y2);
    else path.bezierCurveTo(x1, y1 + reach, x2, y2 - reach, x2, y2);
  }
  pen.lineWidth = Math.max(1.8, 0.7 / zoom);
  pen.globalAlpha = 0.62;
  for (const [kind, path] of paths) {
    pen.strokeStyle = colour(`--kind-${kind}`);
    pen.stroke(path);
  }
  pen.globalAlpha = 1;
}

function paintNodes(pen: Pen, scene: Scene, { zoom, sight }: View, colour: Colour): void {
  const bar = Math.max(10, 3 / zoom);
  const isReadable = TITLE * zoom >= READABLE;
  pen.font = `600 ${TITLE}px ${colour("--font")}`;
  pen.textBaseline = "top";
  for (const node of scene.document.nodes) {
    const { x, y } = at(scene, node.id);
    if (!meets({ x, y, width: NODE_WIDTH, height: NODE_HEIGHT }, sight)) continue;
    const isSelected = scene.selected.has(node.id);
    const edge = isSelected ? 3 / zoom : 1 / zoom;
    pen.fillStyle = colour(isSelected ? "--primary" : "--border");
    pen.fillRect(x - edge, y - edge, NODE_WIDTH + 2 * edge, NODE_HEIGHT + 2 * edge);
    pen.fillStyle = colour("--surface");
    pen.fillRect(x, y, NODE_WIDTH, NODE_HEIGHT);
    pen.fillStyle = colour(stateOf(scene, node.id, node.disabled));
    pen.fillRect(x, y, bar, NODE_HEIGHT);
    if (!isReadable) continue;
    pen.fillStyle = colour(node.disabled ? "--muted" : "--text");
    const lines = wrap(pen, labelOf(node));
    const top = y + (NODE_HEIGHT - lines.length * TITLE * 1.1) / 2;
    lines.forEach((line, index) => pen.fillText(line, x + 20, top + index * TITLE * 1.1 + 2));
  }
}

const WIDTH = NODE_WIDTH - 34;
const wrapped = new Map<string, string[]>();

/** At most two lines; what does not fit ends in an ellipsis. */
function wrap(pen: Pen, text: string): string[] {
  const known = wrapped.get(text);
  if (known) return known;
  const fits = (part: string) => pen.measureText(part).width <= WIDTH;
  const words = text.split(/(?<=\s)/);
  let first = "";
  while (words.length && fits(first + words[0]!.trimEnd())) first += words.shift()!;
  let second = words.join("");
  if (!first) [first, second] = [second, ""];
  const lines = [first, second].filter(Boolean).map((line) => {
    let part = line.trimEnd();
    if (fits(part)) return part;
    while (part && !fits(`${part}…`)) part = part.slice(0, -1);
    return `${part}…`;
  });
  if (wrapped.size > 5000) wrapped.clear();
  wrapped.set(text, lines);
  return lines;
}

/** Every node as a spot of its state's colour, for the minimap. */
export function paintSpots(pen: Pen, scene: Scene, view: View, colour: Colour): void {
  const { x, y, zoom } = view;
  pen.setTransform(zoom, 0, 0, zoom, x, y);
  pen.fillStyle = colour("--border");
  for (const frame of scene.document.layout.frames) {
    pen.fillRect(frame.x, frame.y, frame.width, frame.height);
  }
  for (const node of scene.document.nodes) {
    const place = placeOf(scene.document, node.id);
    pen.fillStyle = colour(stateOf(scene, node.id));
    pen.fillRect(place.x, place.y, NODE_WIDTH, NODE_HEIGHT);
  }
  pen.setTransform(1, 0, 0, 1, 0, 0);
}
