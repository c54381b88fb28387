// The list of components: PAI's categories in PAI's order, search in both languages, what fits a port.
import type { Kind, Spec } from "./document";
import { groupBy } from "./group";

/** A component as it is listed; texts in the language that is shown. */
export interface Entry {
  spec: Spec;
  title: string;
  category: string;
  /** Everything that a search looks at, in both languages, lower case. */
  haystack: string;
}

const CATEGORIES = [
  "Source and target",
  "Data preprocessing",
  "Feature engineering",
  "Statistics",
  "CTR model",
  "Machine learning",
  "Evaluation",
  "Custom",
];

const rank = (category: string) => {
  const at = CATEGORIES.indexOf(category);
  return at < 0 ? CATEGORIES.length : at;
};

export function byCategory(entries: readonly Entry[]): [string, Entry[]][] {
  const groups = groupBy(entries, ({ spec }) => spec.category);
  return [...groups].sort(([a], [b]) => rank(a) - rank(b) || a.localeCompare(b));
}

/** Best first; every word must be found: in the title, else anywhere, else as letters in order. */
export function search(entries: readonly Entry[], query: string): Entry[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return [...entries];
  return entries
    .map((entry) => ({ entry, score: Math.min(...words.map((word) => score(entry, word))) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.entry.title.localeCompare(b.entry.title))
    .map(({ entry }) => entry);
}

function score({ title, spec, haystack }: Entry, word: string): number {
  const names = [title.toLowerCase(), spec.name, spec.title.toLowerCase()];
  if (names.includes(word)) return 5;
  if (names.some((name) => name.startsWith(word))) return 4;
  if (names.some((name) => name.includes(word))) return 3;
  if (haystack.includes(word)) return 2;
  return names.some((name) => inOrder(name, word)) ? 1 : 0;
}

function inOrder(text: string, letters: string): boolean {
  let at = -1;
  return [...letters].every((letter) => (at = text.indexOf(letter, at + 1)) >= 0);
}

export interface Wanted {
  kind: Kind;
  /** The port of the component to be found: its input for an edge from an output. */
  side: "inputs" | "outputs";
}

export const fits = (spec: Spec, { kind, side }: Wanted): boolean =>
  spec[side].some((port) => port.kind === kind);

/** How often a component followed another in shipped pipelines and in this person's own. */
export type Follows = Readonly<Record<string, Readonly<Record<string, number>>>>;

const COMMON: Follows = {
  read_table: { split: 5, sql: 4, feature_map: 3, statistics: 2 },
  split: { feature_map: 5, encode: 4, split: 3 },
  feature_map: { embedding: 5, encode: 4 },
  embedding: { fm: 5, dnn: 5, linear: 4, cross_network: 3 },
  linear: { train: 5 },
  fm: { train: 5 },
  dnn: { train: 5 },
  encode: { train: 5 },
  train: { predict: 5 },
  predict: { evaluate: 5 },
};

/** Components that fit, the likeliest first. */
export function suggest(
  entries: readonly Entry[],
  wanted: Wanted,
  neighbour: string,
  learned: Follows = {},
): Entry[] {
  const weight = (name: string) =>
    wanted.side === "inputs"
      ? (COMMON[neighbour]?.[name] ?? 0) + (learned[neighbour]?.[name] ?? 0)
      : (COMMON[name]?.[neighbour] ?? 0) + (learned[name]?.[neighbour] ?? 0);
  const isNeeded = ({ spec }: Entry) =>
    spec[wanted.side].some((port) => port.kind === wanted.kind && port.required) ? 0.5 : 0;
  return entries
    .filter(({ spec }) => fits(spec, wanted))
    .map((entry) => ({ entry, weight: weight(entry.spec.name) + isNeeded(entry) }))
    .sort((a, b) => b.weight - a.weight || a.entry.title.localeCompare(b.entry.title))
    .map(({ entry }) => entry);
}
