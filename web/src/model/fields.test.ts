import { expect, test } from "vitest";
import { fieldsOf, readNumber, referenceIn, shownFirst } from "./fields";
import type { Spec } from "./document";

const spec = (properties: Record<string, unknown>, required: string[] = []): Spec =>
  ({ parameters: { type: "object", properties, required } }) as unknown as Spec;

const widgetOf = (schema: unknown) => fieldsOf(spec({ field: schema }))[0]!.widget;

test.each([
  ["number", { type: "integer" }],
  ["number", { anyOf: [{ type: "number" }, { type: "null" }] }],
  ["switch", { type: "boolean" }],
  ["choice", { enum: ["adam", "sgd"], type: "string" }],
  ["column", { type: "string", format: "column" }],
  ["column", { anyOf: [{ type: "string" }, { type: "null" }], description: "Column to predict." }],
  ["columns", { type: "array", items: { type: "string" }, description: "Columns to keep." }],
  ["list", { type: "array", items: { type: "integer" } }],
  ["list", { type: "array", items: { anyOf: [{ type: "string" }, { type: "number" }] } }],
  ["path", { type: "string", format: "path" }],
  ["code", { type: "string", format: "sql" }],
  ["columns", { type: "array", items: { type: "string", format: "column" } }],
  ["map", { type: "object", additionalProperties: { type: "string" } }],
  ["json", { type: "object", additionalProperties: { type: "object" } }],
  ["json", { type: "array", items: { type: "object" } }],
  ["text", { type: "string" }],
])("%s for %j", (widget, schema) => {
  expect(widgetOf(schema)).toBe(widget);
});

test("a title is a sentence, and a default is kept", () => {
  const [field] = fieldsOf(
    spec({ l2_embedding: { title: "L2 Embedding", type: "number", default: 0.1 } }),
  );
  expect(field).toMatchObject({ title: "L2 embedding", default: 0.1, required: false });
});

test("a long form shows required and set fields first, the rest under more", () => {
  const names = Array.from({ length: 12 }, (_, index) => `p${index}`);
  const fields = fieldsOf(
    spec(Object.fromEntries(names.map((name) => [name, { type: "string" }])), ["p11"]),
  );
  const [first, rest] = shownFirst(fields, { p9: "x" });
  expect(first.map(({ name }) => name)).toEqual(["p0", "p1", "p2", "p3", "p4", "p5", "p9", "p11"]);
  expect(rest).toHaveLength(4);
});

test("numbers are read as numbers, anything else stays what was typed", () => {
  expect(readNumber("1e-3", false)).toBe(0.001);
  expect(readNumber("3", true)).toBe(3);
  expect(readNumber("3.5", true)).toBe("3.5");
  expect(readNumber("fast", false)).toBe("fast");
  expect(readNumber("  ", false)).toBeUndefined();
});

test("a value that is one reference names its parameter", () => {
  expect(referenceIn("${train_path}")).toBe("train_path");
  expect(referenceIn("a ${b}")).toBeNull();
  expect(referenceIn(3)).toBeNull();
});
