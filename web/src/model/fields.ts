// The form of a component: what field each parameter gets, read from its JSON Schema.
// Hints: `format` ("column", "sql", "python", "path"), of the value, its items or its keys; `port`,
// whose columns are meant. Without one, a description that begins with "Column" means columns.
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
  | "map"
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
  /** The input port whose columns are meant; null: all of them. */
  port: string | null;
  /** Of a map: whether its keys are columns. */
  hasColumnKeys: boolean;
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
  port?: string;
  propertyNames?: { format?: string };
  additionalProperties?: Schema | boolean;
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
  const types = [value.type, mapped(inner)?.type, ...(value.anyOf ?? []).map(({ type }) => type)];
  const format = schema.format ?? inner.format ?? null;
  return {
    name,
    title: sentence(schema.title ?? name),
    description: schema.description ?? inner.description ?? "",
    widget: widgetOf(schema, inner, items, format),
    required,
    nullable,
    default: schema.default,
    choices: [inner, items, mapped(inner)].flatMap((part) => (part ? choicesOf(part) : [])),
    isInteger: (mapped(inner) ?? value).type === "integer",
    isNumeric: types.some((type) => type === "integer" || type === "number"),
    minimum: value.minimum ?? value.exclusiveMinimum ?? null,
    maximum: value.maximum ?? value.exclusiveMaximum ?? null,
    language: format === "sql" || format === "python" ? format : null,
    port: schema.port ?? null,
    hasColumnKeys: inner.propertyNames?.format === "column",
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

/** What a map holds, where that is a word or a number. */
function mapped({ additionalProperties: values }: Schema): Schema | null {
  const isPlain =
    typeof values === "object" && ["string", "integer", "number"].includes(values.type ?? "");
  return isPlain ? values : null;
}

function widgetOf(
  schema: Schema,
  inner: Schema,
  items: Schema | null,
  format: string | null,
): Widget {
  if (format === "sql" || format === "python") return "code";
  if (format === "column" && inner.type === "string") return "column";
  if (items?.format === "column") return "columns";
  if (inner.enum || inner.const !== undefined) return "choice";
  if (inner.type === "boolean") return "switch";
  if (inner.type === "integer" || inner.type === "number") return "number";
  const speaksOfColumns = /^columns?\b/i.test(schema.description ?? "");
  if (inner.type === "array") {
    if (!items || items.type === "object" || items.type === "array") return "json";
    return speaksOfColumns && items.type === "string" ? "columns" : "list";
  }
  if (inner.type === "string") {
    if (format === "path") return "path";
    return speaksOfColumns ? "column" : "text";
  }
  if (mapped(inner)) return "map";
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
  if (fields.length <= MANY) return [fields, []];
  const isFirst = (field: Field, index: number) =>
    field.required || field.name in values || index < FIRST;
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
