// Copy and paste as plain JSON, through the system's clipboard: between pipelines, tabs and files.
import { boxOf, removeNodes, type Position } from "../model/document";
import { paste, readClip, toClip, type Clip } from "../model/edit";
import { edit, present, select, selectedNodes } from "./store";
import { centre } from "./viewport";

/** What was copied last, for browsers that keep their clipboard closed. */
let last = "";
let times = 0;

export async function copySelection(): Promise<void> {
  const ids = selectedNodes();
  if (!ids.length) return;
  last = JSON.stringify(toClip(present(), new Set(ids)), null, 1);
  times = 0;
  await navigator.clipboard?.writeText(last).catch(() => {});
}

export async function cutSelection(): Promise<void> {
  await copySelection();
  const ids = new Set(selectedNodes());
  edit((document) => removeNodes(document, ids));
  select([]);
}

/** isConnected: edges from nodes outside of what was copied are kept. */
export async function pasteClip(isConnected: boolean): Promise<void> {
  const text = await navigator.clipboard?.readText().catch(() => "");
  const clip = readClip(text || "") ?? readClip(last);
  if (clip) put(clip, offsetOf(clip), isConnected);
}

export function duplicateSelection(): void {
  put(toClip(present(), new Set(selectedNodes())), { x: 32, y: 32 }, true);
}

function put(clip: Clip, offset: Position, isConnected: boolean): void {
  const [next, ids] = paste(present(), clip, offset, isConnected);
  edit(next);
  select(ids);
}

/** Beside what was copied when that is here, else in the middle of what is seen. */
function offsetOf(clip: Clip): Position {
  times += 1;
  const here = new Set(present().nodes.map(({ id }) => id));
  if (clip.nodes.some(({ id }) => here.has(id))) return { x: 32 * times, y: 32 * times };
  const ids = clip.nodes.map(({ id }) => id);
  const box = boxOf({ ...present(), layout: { ...present().layout, nodes: clip.places } }, ids);
  const middle = centre();
  if (!box) return { x: 0, y: 0 };
  return { x: middle.x - box.x - box.width / 2, y: middle.y - box.y - box.height / 2 };
}
