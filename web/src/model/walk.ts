// Who comes before and after whom in a document.
import type { Document, Edge } from "./document";
import { groupBy } from "./group";

function follow(
  edges: readonly Edge[],
  start: Iterable<string>,
  from: "source" | "target",
): Set<string> {
  const to = from === "source" ? "target" : "source";
  const next = groupBy(edges, (edge) => edge[from].node);
  const seen = new Set<string>();
  const open = [...start];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const edge of next.get(id) ?? []) {
      const other = edge[to].node;
      if (!seen.has(other)) {
        seen.add(other);
        open.push(other);
      }
    }
  }
  return seen;
}

/** All nodes that need one of these. */
export const descendants = (document: Document, ids: Iterable<string>): Set<string> =>
  follow(document.edges, ids, "source");

/** All nodes that one of these needs. */
export const ancestors = (document: Document, ids: Iterable<string>): Set<string> =>
  follow(document.edges, ids, "target");

/** What each input port of a node is connected to, in the document's order. */
export function sourcesOf(
  document: Document,
  id: string,
): Record<string, { node: string; port: string }[]> {
  const sources: Record<string, { node: string; port: string }[]> = {};
  for (const { source, target } of document.edges) {
    if (target.node === id) (sources[target.port] ??= []).push(source);
  }
  return sources;
}

/** Nodes in an order in which each comes after what it needs; those in a cycle come last. */
export function topological(document: Document): string[] {
  const missing = new Map(document.nodes.map((node) => [node.id, 0]));
  for (const { target } of document.edges) {
    missing.set(target.node, (missing.get(target.node) ?? 0) + 1);
  }
  const order = document.nodes.map(({ id }) => id).filter((id) => !missing.get(id));
  const after = groupBy(document.edges, ({ source }) => source.node);
  for (const id of order) {
    for (const { target } of after.get(id) ?? []) {
      const left = (missing.get(target.node) ?? 0) - 1;
      missing.set(target.node, left);
      if (left === 0) order.push(target.node);
    }
  }
  const done = new Set(order);
  return [...order, ...document.nodes.map(({ id }) => id).filter((id) => !done.has(id))];
}
