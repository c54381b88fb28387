// Lay nodes out in layers, in a worker; one step of the history, around the same centre.
import {
  boxOf,
  moveNodes,
  NODE_HEIGHT,
  NODE_WIDTH,
  refitFrames,
  snap,
  type Position,
} from "../model/document";
import type { LayoutRequest } from "./layout.worker";
import { edit, present, selectedNodes } from "./store";
import { fit } from "./viewport";

const LIMIT_MS = 5000;

export async function tidy(): Promise<void> {
  const chosen = selectedNodes();
  const document = present();
  const ids = chosen.length > 1 ? chosen : document.nodes.map(({ id }) => id);
  const inside = new Set(ids);
  const edges = document.edges
    .filter(({ source, target }) => inside.has(source.node) && inside.has(target.node))
    .map(({ source, target }) => [source.node, target.node] as [string, string]);
  const places = await layOut({ ids, edges, width: NODE_WIDTH, height: NODE_HEIGHT });
  if (!places || present() !== document) return;
  const before = boxOf(document, ids)!;
  const after = boxOf({ ...document, layout: { ...document.layout, nodes: places } }, ids)!;
  const dx = before.x + before.width / 2 - after.x - after.width / 2;
  const dy = before.y + before.height / 2 - after.y - after.height / 2;
  const moved = Object.entries(places).map(([id, { x, y }]) => [
    id,
    snap({ x: x + dx, y: y + dy }),
  ]);
  edit(
    refitFrames(
      document,
      moveNodes(document, Object.fromEntries(moved) as Record<string, Position>),
    ),
  );
  if (chosen.length < 2) setTimeout(() => fit(), 20);
}

/** null when it took too long: nothing is moved. */
function layOut(request: LayoutRequest): Promise<Record<string, Position> | null> {
  const worker = new Worker(new URL("./layout.worker.ts", import.meta.url), { type: "module" });
  return new Promise<Record<string, Position> | null>((resolve) => {
    const timer = setTimeout(() => resolve(null), LIMIT_MS);
    worker.onmessage = ({ data }) => {
      clearTimeout(timer);
      resolve(data as Record<string, Position>);
    };
    worker.onerror = () => resolve(null);
    worker.postMessage(request);
  }).finally(() => worker.terminate());
}
