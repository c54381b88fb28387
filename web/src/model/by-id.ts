// Look-ups in the lists of a document, made once a list: a canvas asks thousands of times.
type Identified = { id: string };
type Target = { target: { node: string; port: string } };

const nodes = new WeakMap<readonly Identified[], Map<string, Identified>>();
const inputs = new WeakMap<readonly Target[], Set<string>>();

export function byId<T extends Identified>(list: readonly T[]): ReadonlyMap<string, T> {
  let found = nodes.get(list);
  if (!found) nodes.set(list, (found = new Map(list.map((item) => [item.id, item]))));
  return found as Map<string, T>;
}

/** Whether an edge leads into this port. */
export function hasInput(edges: readonly Target[], node: string, port: string): boolean {
  let found = inputs.get(edges);
  if (!found) {
    inputs.set(edges, (found = new Set(edges.map(({ target: at }) => `${at.node} ${at.port}`))));
  }
  return found.has(`${node} ${port}`);
}
