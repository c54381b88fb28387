// The form of a component: what field each parameter gets, read from its JSON Schema.
// Hints: `ui` ("column", "columns", "code:sql", "code:python", "advanced"), `format: "path"`.
// Without a hint, a description that begins with "Column" or "Columns" means columns.
import type { Spec } from "./document";

export type Widget =
  | "text"
  | "number"
  | "switch"
  | "choice"
  | "column"
  | "columns"
  | "list"
  | "path"
  | "code"
  | "json";

export interface Field {
  name: string;
  title: string;
  description: string;
  widget: Widget;
  required: boolean;
  /** Whether the field may be empty, which means null. */
  nullable: boolean;
  default: unknown;
  choices: string[];
  /** Of the value, or of the items of a list. */
  isInteger: boolean;
  isNumeric: boolean;
  minimum: number | null;
  maximum: number | null;
  language: "sql" | "python" | null;
  advanced: boolean;
}

interface Schema {
  type?: string;
  anyOf?: Schema[];
  enum?: unknown[];
  const?: unknown;
  items?: Schema;
  $ref?: string;
  $defs?: Record<string, Schema>;
  properties?: Record<string, Schema>;
  required?: string[];
  title?: string;
  description?: string;
  default?: unknown;
  format?: string;
  ui?: string;
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  exclusiveMaximum?: number;
}

export function fieldsOf(spec: Spec): Field[] {
  const root = spec.parameters as Schema;
  const required = new Set(root.required ?? []);
  return Object.entries(root.properties ?? {}).map(([name, schema]) =>
    fieldOf(name, schema, required.has(name), root),
  );
}

function fieldOf(name: string, schema: Schema, required: boolean, root: Schema): Field {
  const [inner, nullable] = withoutNull(schema, root);
  const items = inner.items ? withoutNull(inner.items, root)[0] : null;
  const value = items ?? inner;
  const types = [value.type, ...(value.anyOf ?? []).map(({ type }) => type)];
  const ui = schema.ui ?? inner.ui ?? "";
  return {
    name,
    title: sentence(schema.title ?? name),
    description: schema.description ?? inner.description ?? "",
    widget: widgetOf(schema, inner, items, ui),
    required,
    nullable,
    default: schema.default,
    choices: choicesOf(inner).concat(items ? choicesOf(items) : []),
    isInteger: value.type === "integer",
    isNumeric: types.some((type) => type === "integer" || type === "number"),
    minimum: value.minimum ?? value.exclusiveMinimum ?? null,
    maximum: value.maximum ?? value.exclusiveMaximum ?? null,
    language: ui === "code:sql" ? "sql" : ui === "code:python" ? "python" : null,
    advanced: ui === "advanced",
  };
}

/** `X | None` is X that may be empty; references are followed. */
function withoutNull(schema: Schema, root: Schema): [Schema, boolean] {
  const target = schema.$ref ? (root.$defs?.[schema.$ref.split("/").at(-1)!] ?? {}) : schema;
  if (!target.anyOf) return [target, false];
  const real = target.anyOf.filter(({ type }) => type !== "null");
  const nullable = real.length < target.anyOf.length;
  return real.length === 1 ? [withoutNull(real[0]!, root)[0], nullable] : [target, nullable];
}

const choicesOf = (schema: Schema): string[] =>
  (schema.enum ?? (schema.const === undefined ? [] : [schema.const])).map(String);

function widgetOf(schema: Schema, inner: Schema, items: Schema | null, ui: string): Widget {
  if (ui.startsWith("code:")) return "code";
  if (ui === "column" || ui === "columns") return ui;
  if (inner.enum || inner.const !== undefined) return "choice";
  if (inner.type === "boolean") return "switch";
  if (inner.type === "integer" || inner.type === "number") return "number";
  const speaksOfColumns = /^columns?\b/i.test(schema.description ?? "");
  if (inner.type === "array") {
    if (!items || items.type === "object" || items.type === "array") return "json";
    return speaksOfColumns && items.type === "string" ? "columns" : "list";
  }
  if (inner.type === "string") {
    if (schema.format === "path" || inner.format === "path") return "path";
    return speaksOfColumns ? "column" : "text";
  }
  return inner.anyOf ? "text" : "json";
}

/** "Learning Rate" → "Learning rate"; "L2 Embedding" keeps its L2. */
function sentence(title: string): string {
  const words = title.replaceAll("_", " ").split(" ");
  const rest = words
    .slice(1)
    .map((word) => (/^[A-Z][a-z]+$/.test(word) ? word.toLowerCase() : word));
  const first = words[0] ?? "";
  return [first.charAt(0).toUpperCase() + first.slice(1), ...rest].join(" ");
}

const MANY = 8;
const FIRST = 6;

/** What is shown at once, and what waits under "more": short forms are shown whole. */
export function shownFirst(fields: Field[], values: Record<string, unknown>): [Field[], Field[]] {
  if (fields.length <= MANY && !fields.some(({ advanced }) => advanced)) return [fields, []];
  const isFirst = (field: Field, index: number) =>
    field.required || field.name in values || (index < FIRST && !field.advanced);
  return [fields.filter(isFirst), fields.filter((field, index) => !isFirst(field, index))];
}

const REFERENCE = /^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$/;

/** The pipeline parameter that a value stands for as a whole, or null. */
export const referenceIn = (value: unknown): string | null =>
  typeof value === "string" ? (REFERENCE.exec(value)?.[1] ?? null) : null;

/** Text typed for a number; what is no number is kept as text, and the server says what is wrong. */
export function readNumber(text: string, isInteger: boolean): unknown {
  const value = text.trim();
  if (value === "") return undefined;
  const number = Number(value);
  const fits = Number.isFinite(number) && (!isInteger || Number.isInteger(number));
  return fits ? number : value;
}
