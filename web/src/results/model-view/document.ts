// The document of a model, or of blocks that describe one: blocks, weights, how it was trained.
import type { MetricPoint } from "../../model/dock";

export interface ArrayShape {
  shape: number[];
  type: string;
}

export interface Block {
  id: string;
  type: string;
  inputs: string[];
  parameters: Record<string, unknown>;
}

export interface Weights {
  /** Without the id of its block. */
  name: string;
  shape: number[];
  count: number;
}

export interface Training {
  settings: [name: string, value: unknown][];
  history: MetricPoint[];
  bestEpoch: number | null;
  steps: number | null;
  rows: number | null;
  baseRate: number | null;
}

export interface ModelDocument {
  blocks: Block[];
  heads: string[];
  combine: string | null;
  featureMap: unknown;
  training: Training | null;
  /** By block id; those of no block under "". */
  weights: ReadonlyMap<string, Weights[]>;
  total: number;
  /** Bytes of all weights. */
  bytes: number;
}

type Json = Record<string, unknown>;

export function readModel(document: Json, arrays: Record<string, unknown>): ModelDocument {
  const blocks = asList(document.blocks) as Block[];
  const weights = weightsByBlock(blocks, arrays as Record<string, ArrayShape>);
  const all = [...weights.values()].flat();
  const heads = asList(document.heads) as string[];
  return {
    blocks,
    heads: heads.length ? heads : tops(blocks),
    combine: typeof document.combine === "string" ? document.combine : null,
    featureMap: document.feature_map ?? null,
    training: readTraining(document.training),
    weights,
    total: all.reduce((sum, one) => sum + one.count, 0),
    bytes: Object.values(arrays as Record<string, ArrayShape>).reduce(
      (sum, array) => sum + countOf(array.shape) * widthOf(array.type),
      0,
    ),
  };
}

/** Blocks on which no other stands. */
function tops(blocks: readonly Block[]): string[] {
  const used = new Set(blocks.flatMap((block) => block.inputs));
  return blocks.map((block) => block.id).filter((id) => !used.has(id));
}

/** An array belongs to the block whose id is part of its name. */
function weightsByBlock(
  blocks: readonly Block[],
  arrays: Record<string, ArrayShape>,
): Map<string, Weights[]> {
  const found = new Map<string, Weights[]>();
  for (const [name, { shape }] of Object.entries(arrays)) {
    const owner = blocks.find((block) => name.includes(block.id))?.id ?? "";
    const short = owner ? name.replace(owner, "").replace(/^_|_$/g, "") : name;
    const weights = { name: short, shape, count: countOf(shape) };
    found.set(owner, [...(found.get(owner) ?? []), weights]);
  }
  return found;
}

function readTraining(value: unknown): Training | null {
  if (typeof value !== "object" || value === null) return null;
  const json = value as Json;
  return {
    settings: Object.entries((json.settings ?? {}) as Json),
    history: asList(json.history)
      .filter((point): point is Json => typeof point === "object" && point !== null)
      .map(({ epoch, ...values }) => ({
        step: Number(epoch),
        values: values as Record<string, number>,
      })),
    bestEpoch: asNumber(json.best_epoch),
    steps: asNumber(json.steps),
    rows: asNumber(json.rows),
    baseRate: asNumber(json.base_rate),
  };
}

/** What sets a block apart, short enough for its box. */
export function blockFacts(block: Block): string[] {
  const { parameters: given } = block;
  const list = (value: unknown) => (Array.isArray(value) ? value.join(" → ") : null);
  const number = (name: string, sign: string) =>
    typeof given[name] === "number" ? `${sign} ${String(given[name])}` : null;
  return [
    number("dimension", "K ="),
    list(given.hidden_units),
    number("layers", "L ="),
    list(Array.isArray(given.layers) ? given.layers : null),
    number("heads", "H ="),
    typeof given.activation === "string" ? given.activation : null,
    given.batch_norm === true ? "BN" : null,
    typeof given.dropout === "number" && given.dropout > 0 ? `p ${given.dropout}` : null,
  ].filter((fact): fact is string => fact !== null);
}

const countOf = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);
const widthOf = (type: string) =>
  /64/.test(type) ? 8 : /16/.test(type) ? 2 : /8/.test(type) ? 1 : 4;
const asNumber = (value: unknown) => (typeof value === "number" ? value : null);
const asList = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
