// Arrow keys: walk along edges and among siblings; with nothing chosen, look around.
import { placeOf } from "../model/document";
import { topological } from "../model/walk";
import { chosenNode, present, select, useEditor } from "./store";
import { pan, reveal } from "./viewport";

type Side = "up" | "down" | "left" | "right";
const PAN = { up: [0, 80], down: [0, -80], left: [80, 0], right: [-80, 0] } as const;

export function walkGraph(side: Side): void {
  const state = useEditor.getState();
  const chosen = chosenNode(state);
  if (!chosen) {
    if (side === "down" && !state.selected.size) return choose(topological(present())[0]);
    return pan(PAN[side][0], PAN[side][1]);
  }
  choose(next(chosen, side));
}

function choose(id: string | undefined): void {
  if (!id) return;
  select([id]);
  reveal(id);
}

/** Up and down follow edges, the nearest first; left and right go to the nearest on that side. */
function next(from: string, side: Side): string | undefined {
  const document = present();
  const here = placeOf(document, from);
  const far = (id: string) => {
    const { x, y } = placeOf(document, id);
    return Math.hypot(x - here.x, (y - here.y) * (side === "left" || side === "right" ? 3 : 1));
  };
  const nearest = (ids: string[]) => ids.sort((a, b) => far(a) - far(b))[0];
  if (side === "up") {
    return nearest(
      document.edges.flatMap(({ source, target }) => (target.node === from ? [source.node] : [])),
    );
  }
  if (side === "down") {
    return nearest(
      document.edges.flatMap(({ source, target }) => (source.node === from ? [target.node] : [])),
    );
  }
  const isThere = (id: string) =>
    side === "left" ? placeOf(document, id).x < here.x : placeOf(document, id).x > here.x;
  return nearest(document.nodes.map(({ id }) => id).filter((id) => id !== from && isThere(id)));
}
