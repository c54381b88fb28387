// What differs between two documents, as a person would say it.
import { edgeId, labelOf, type Document } from "./document";

export interface Change {
  what:
    | "node_added"
    | "node_removed"
    | "parameter"
    | "node_changed"
    | "edge_added"
    | "edge_removed"
    | "pipeline"
    | "moved";
  /** The node, `node: parameter`, or edge. */
  name: string;
  before?: unknown;
  after?: unknown;
}

const differs = (a: unknown, b: unknown): boolean => JSON.stringify(a) !== JSON.stringify(b);

export function diffDocuments(before: Document, after: Document): Change[] {
  const old = new Map(before.nodes.map((node) => [node.id, node]));
  const now = new Map(after.nodes.map((node) => [node.id, node]));
  const changes: Change[] = [];
  for (const [id, node] of now) {
    const was = old.get(id);
    if (!was) {
      changes.push({ what: "node_added", name: labelOf(node) });
      continue;
    }
    const [a, b] = [was.parameters ?? {}, node.parameters ?? {}];
    for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) {
      if (differs(a[name], b[name])) {
        const value = { before: a[name] ?? null, after: b[name] ?? null };
        changes.push({ what: "parameter", name: `${labelOf(node)}: ${name}`, ...value });
      }
    }
    if (differs({ ...was, parameters: 0 }, { ...node, parameters: 0 })) {
      changes.push({ what: "node_changed", name: labelOf(node) });
    }
  }
  for (const [id, node] of old) {
    if (!now.has(id)) changes.push({ what: "node_removed", name: labelOf(node) });
  }
  changes.push(...edgeChanges(before, after));
  for (const name of ["name", "description", "parameters", "settings"] as const) {
    if (differs(before[name], after[name])) changes.push({ what: "pipeline", name });
  }
  if (differs(before.layout, after.layout)) changes.push({ what: "moved", name: "" });
  return changes;
}

function edgeChanges(before: Document, after: Document): Change[] {
  const [old, now] = [before, after].map(({ edges }) => new Set(edges.map(edgeId)));
  const added = [...now!].filter((id) => !old!.has(id));
  const removed = [...old!].filter((id) => !now!.has(id));
  return [
    ...added.map((name) => ({ what: "edge_added", name }) as const),
    ...removed.map((name) => ({ what: "edge_removed", name }) as const),
  ];
}
