// The columns on every table port, inferred by the server before any run; pickers are filled from them.
import { create } from "zustand";
import { call } from "../api/client";
import type { Document } from "../model/document";

export interface ColumnInfo {
  name: string;
  type: string;
  role: string | null;
}

export interface TableSchema {
  columns: ColumnInfo[];
  source: "inferred" | "last_run" | "declared" | "tried";
}

interface NodeSchemas {
  inputs: Record<string, (TableSchema | null)[]>;
  outputs: Record<string, TableSchema | null>;
}

interface SchemasState {
  nodes: Readonly<Record<string, NodeSchemas>>;
}

export const useSchemas = create<SchemasState>()(() => ({ nodes: {} }));

let asked = 0;

export async function inferSchemas(pipeline: Document): Promise<void> {
  const turn = ++asked;
  const answer = await call<SchemasState>("POST", "/schemas", { body: { pipeline } }).catch(
    () => null,
  );
  if (answer && turn === asked) useSchemas.setState({ nodes: answer.data.nodes });
}

const NONE: ColumnInfo[] = [];
const ROW = "__row__";

/** What a column picker of a node offers: its inputs' columns; a source's own where it has none. */
export function columnsOf(
  nodes: SchemasState["nodes"],
  node: string,
  port: string | null = null,
): ColumnInfo[] {
  const schemas = nodes[node];
  if (!schemas) return NONE;
  const inputs = (port && schemas.inputs[port]) || Object.values(schemas.inputs).flat();
  const tables = inputs.length ? inputs : Object.values(schemas.outputs);
  const all = tables.flatMap((table) => table?.columns ?? []);
  const columns = all.filter(({ name }) => name !== ROW); // the studio's own ordinal
  const names = new Set<string>();
  return columns.filter(({ name }) => !names.has(name) && names.add(name));
}

export const shown = (schema: TableSchema): ColumnInfo[] =>
  schema.columns.filter(({ name }) => name !== ROW);
