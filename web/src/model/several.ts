// Several nodes at once: the fields that they share, and one change to all of them.
import {
  changeNode,
  findNode,
  setParameter,
  type Document,
  type Spec,
  type Specs,
} from "./document";
import { fieldsOf, type Field } from "./fields";

export interface SharedField {
  field: Field;
  /** Of the first node, whose words are shown. */
  spec: Spec;
  value: unknown;
  /** Whether the nodes have different values; `value` is then undefined. */
  isMixed: boolean;
}

/** The parameters that every one of the nodes has, of one name and one form. */
export function sharedFields(
  document: Document,
  specs: Specs,
  ids: readonly string[],
): SharedField[] {
  const nodes = ids.flatMap((id) => findNode(document, id) ?? []);
  const known = nodes.flatMap((node) => specs.get(node.component) ?? []);
  const [spec] = known;
  if (!spec || known.length < nodes.length) return [];
  const forms = known.map((item) => new Map(fieldsOf(item).map((field) => [field.name, field])));
  return fieldsOf(spec)
    .filter((field) => forms.every((form) => isSameForm(form.get(field.name), field)))
    .map((field) => {
      const values = nodes.map((node) => node.parameters?.[field.name] ?? field.default);
      const isMixed = new Set(values.map((value) => JSON.stringify(value))).size > 1;
      const value = isMixed ? undefined : nodes[0]!.parameters?.[field.name];
      return { field, spec, value, isMixed };
    });
}

const form = ({ widget, choices, isInteger, isNumeric, nullable, language }: Field) =>
  JSON.stringify([widget, choices, isInteger, isNumeric, nullable, language]);

const isSameForm = (one: Field | undefined, other: Field): boolean =>
  one !== undefined && form(one) === form(other);

export const setParameterOf = (
  document: Document,
  ids: readonly string[],
  name: string,
  value: unknown,
): Document => ids.reduce((next, id) => setParameter(next, id, name, value), document);

/** Pinned nodes keep their last result; all of them are pinned, or all are let go. */
export function togglePinned(document: Document, ids: readonly string[]): Document {
  const arePinned = ids.every((id) => findNode(document, id)?.cache === "freeze");
  const cache = arePinned ? "auto" : "freeze";
  return ids.reduce((next, id) => changeNode(next, id, { cache }), document);
}

/** Another component in a node's place. What it knows by name stays, parameters and edges alike;
    edges to ports that it has not are kept as broken ones, other parameters are told and dropped. */
export function replaceComponent(
  document: Document,
  id: string,
  spec: Spec,
): { document: Document; dropped: string[] } {
  const names = new Set(fieldsOf(spec).map(({ name }) => name));
  const old = Object.entries(findNode(document, id)?.parameters ?? {});
  const nodes = document.nodes.map((node) => {
    if (node.id !== id) return node;
    const { digest: _digest, engine: _engine, ...rest } = node;
    const parameters = Object.fromEntries(old.filter(([name]) => names.has(name)));
    return { ...rest, component: spec.name, version: spec.version, parameters };
  });
  const dropped = old.flatMap(([name]) => (names.has(name) ? [] : [name]));
  return { document: { ...document, nodes }, dropped };
}
