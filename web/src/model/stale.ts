// Which results no longer belong to what is drawn: the node, or something above it, has changed.
import { edgeId, type Document, type NodeItem } from "./document";
import { groupBy } from "./group";
import { descendants } from "./walk";

/** What a step's result depends on: never its name or its place. */
const meaning = ({ component, version, digest, parameters, engine }: NodeItem): string =>
  JSON.stringify([component, version, digest, parameters ?? {}, engine]);

const inputs = (document: Document): Map<string, string> => {
  const byTarget = groupBy(document.edges, ({ target }) => target.node);
  return new Map([...byTarget].map(([node, edges]) => [node, edges.map(edgeId).join()]));
};

export function staleNodes(ran: Document, now: Document): ReadonlySet<string> {
  const before = new Map(ran.nodes.map((node) => [node.id, node]));
  const [old, present] = [inputs(ran), inputs(now)];
  const isSettingChanged =
    JSON.stringify([ran.parameters, ran.settings]) !==
    JSON.stringify([now.parameters, now.settings]);
  const changed = now.nodes.filter((node) => {
    const was = before.get(node.id);
    if (!was) return false;
    const refers = isSettingChanged && JSON.stringify(node.parameters ?? {}).includes("${");
    return refers || meaning(was) !== meaning(node) || old.get(node.id) !== present.get(node.id);
  });
  const ids = changed.map(({ id }) => id);
  return new Set([...ids, ...descendants(now, ids)]);
}
