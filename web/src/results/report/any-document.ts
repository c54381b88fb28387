// Any JSON document as facts and tables: lists of objects become rows, nested objects are flattened.
export interface Table {
  name: string;
  columns: string[];
  rows: unknown[][];
}

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export function tablesIn(document: Json): { facts: [string, unknown][]; tables: Table[] } {
  const facts: [string, unknown][] = [];
  const tables: Table[] = [];
  const visit = (value: unknown, name: string) => {
    if (Array.isArray(value) && value.length && value.every(isObject)) {
      tables.push(tableOf(name, value));
    } else if (isObject(value)) {
      for (const [key, item] of Object.entries(value)) visit(item, name ? `${name}.${key}` : key);
    } else {
      facts.push([name, value]);
    }
  };
  visit(document, "");
  return { facts, tables };
}

function tableOf(name: string, items: readonly Json[]): Table {
  const columns = [...new Set(items.flatMap(Object.keys))];
  return {
    name,
    columns,
    rows: items.map((item) => columns.map((column) => item[column] ?? null)),
  };
}
