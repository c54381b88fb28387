// Which nodes stand on the canvas as elements: those in sight and a little around; the rest is drawn.
import type { Box, Document } from "../model/document";
import { contains, grow, nearestFirst, nodesInside } from "../model/inside";

/** Room around what is seen, in pixels of the screen: a pan finds its nodes already there. */
const MARGIN = 96;
/** More nodes in sight than these are a sketch; with fewer than the second, elements again. */
const MOST = 150;
const FEW = 120;
/** Below this zoom nothing of a large pipeline can be read or aimed at. */
const TINY = 0.25;
/** Elements that are made in one frame. */
const SLICE = 40;
/** Nodes that were left behind stay until there are so many. */
const SPARE = 8;

export interface Shown {
  mounted: ReadonlySet<string>;
  /** Edges that pass through here are shown, wherever their ends are. */
  around: Box | null;
  /** What is in sight but not mounted is drawn. */
  isSketched: boolean;
  /** There is more to mount in the next frame. */
  isGrowing: boolean;
}

const NOBODY: ReadonlySet<string> = new Set();
const NOTHING: Shown = { mounted: NOBODY, around: null, isSketched: false, isGrowing: false };

/** Remembers what is shown: the same object comes back until something else must be. */
export class Window {
  private shown = NOTHING;
  private seen: { document: Document; zoom: number } | null = null;
  /** What the canvas was last drawn with. */
  given: Shown | null = null;

  /** sight: what is seen, in the canvas; zoom: pixels of the screen for one of the canvas. */
  look(document: Document, sight: Box | null, zoom: number): Shown {
    if (!sight) return NOTHING;
    if (this.isCovered(document, sight, zoom)) return this.shown;
    this.seen = { document, zoom };
    const inSight = nodesInside(document, sight);
    const { mounted, isSketched, isGrowing } = this.shown;
    const isTiny = zoom < TINY && document.nodes.length > MOST;
    if (isTiny || inSight.length > (isSketched && !isGrowing ? FEW : MOST)) {
      if (!isSketched || isGrowing) {
        this.shown = { ...NOTHING, isSketched: true };
      }
      return this.shown;
    }
    const around = grow(sight, MARGIN / zoom);
    const wanted = nodesInside(document, around);
    const isKept =
      contains(this.shown.around, sight) &&
      inSight.every((id) => mounted.has(id)) &&
      mounted.size <= wanted.length + SPARE;
    if (isKept && !isSketched) return this.shown;
    const missing = wanted.filter((id) => !mounted.has(id));
    const next = nearestFirst(document, missing, sight).slice(0, SLICE);
    const rest = missing.length - next.length;
    const stay = wanted.filter((id) => mounted.has(id));
    this.shown = {
      mounted: new Set([...stay, ...next]),
      around,
      isSketched: rest > 0,
      isGrowing: rest > 0,
    };
    return this.shown;
  }

  /** The quick answer while a view moves over what is mounted already. */
  private isCovered(document: Document, sight: Box, zoom: number): boolean {
    const { around, isSketched } = this.shown;
    const isSame = document === this.seen?.document && zoom === this.seen.zoom;
    return isSame && !isSketched && contains(around, sight);
  }
}
