// Where the blocks of a model are drawn: inputs at the top, the output at the bottom.
import type { Block } from "./document";

export interface Box {
  id: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Link {
  from: string;
  to: string;
  path: string;
}

export interface Drawing {
  boxes: Box[];
  links: Link[];
  width: number;
  height: number;
}

export const FIELDS = "fields";
export const COMBINE = "combine";
export const OUTPUT = "output";

const WIDTH = 204;
const HEIGHT = 58;
const ACROSS = 24;
const DOWN = 42;
const EDGE = 8;

export function layOut(
  blocks: readonly Block[],
  heads: readonly string[],
  isWhole: boolean,
): Drawing {
  const ends = linksOf(blocks, heads, isWhole);
  const layers = layersOf(blocks, isWhole);
  const widest = Math.max(...layers.map((layer) => layer.length), 1);
  const width = widest * WIDTH + (widest - 1) * ACROSS + 2 * EDGE;
  const boxes = layers.flatMap((layer, depth) => {
    const taken = layer.length * WIDTH + (layer.length - 1) * ACROSS;
    return layer.map((id, place) => ({
      id,
      x: (width - taken) / 2 + place * (WIDTH + ACROSS),
      y: EDGE + depth * (HEIGHT + DOWN),
      width: WIDTH,
      height: HEIGHT,
    }));
  });
  const byId = new Map(boxes.map((box) => [box.id, box]));
  const links = ends.map(([from, to]) => ({
    from,
    to,
    path: curve(byId.get(from)!, byId.get(to)!),
  }));
  return { boxes, links, width, height: layers.length * (HEIGHT + DOWN) - DOWN + 2 * EDGE };
}

function linksOf(
  blocks: readonly Block[],
  heads: readonly string[],
  isWhole: boolean,
): [string, string][] {
  const inner = blocks.flatMap((block): [string, string][] =>
    block.inputs.length
      ? block.inputs.map((input): [string, string] => [input, block.id])
      : [[FIELDS, block.id]],
  );
  if (!isWhole) return inner;
  const last = heads.map((head): [string, string] => [head, COMBINE]);
  return [...inner, ...last, [COMBINE, OUTPUT]];
}

/** A block stands one layer below the deepest of its inputs. */
function layersOf(blocks: readonly Block[], isWhole: boolean): string[][] {
  const depth = new Map<string, number>([[FIELDS, 0]]);
  const layers: string[][] = [[FIELDS]];
  for (const block of blocks) {
    const below = Math.max(...block.inputs.map((input) => depth.get(input) ?? 0), 0) + 1;
    depth.set(block.id, below);
    (layers[below] ??= []).push(block.id);
  }
  return isWhole ? [...layers, [COMBINE], [OUTPUT]] : layers;
}

function curve(from: Box, to: Box): string {
  const [x1, y1] = [from.x + from.width / 2, from.y + from.height];
  const [x2, y2] = [to.x + to.width / 2, to.y];
  const middle = (y1 + y2) / 2;
  return `M${x1} ${y1} C${x1} ${middle} ${x2} ${middle} ${x2} ${y2 - 5}`;
}
