// What the server says of several runs, and the tables that are made of it.
import type { Schemas } from "../../api/client";
import { infoOf } from "../report/metrics";

export type Run = Schemas["RunItem"];

export interface ParameterRow {
  /** Null: of the pipeline. */
  node: string | null;
  name: string;
  values: unknown[];
}

export interface MetricRow {
  node: string;
  name: string;
  values: (number | null)[];
}

export interface NodeChange {
  node: string;
  name: string;
  component: string;
  runs: string[];
}

export interface StepRow {
  node: string;
  name: string;
  states: (string | null)[];
  seconds: (number | null)[];
}

export interface Comparison {
  runs: Run[];
  parameters: ParameterRow[];
  metrics: MetricRow[];
  nodes: { added: NodeChange[]; removed: NodeChange[]; changed: NodeChange[] };
  steps: StepRow[];
}

export const MOST = 8;

/** Ids of an address, each once, no more than can be compared. */
export function readIds(text: string | null): string[] {
  const ids = (text ?? "").split(",").filter((id) => /^[0-9a-f]{32}$/.test(id));
  return [...new Set(ids)].slice(0, MOST);
}

/** A letter for every run, so that tables and charts can name it shortly. */
export const letterOf = (place: number): string => String.fromCharCode(65 + place);

export const labelOf = (parameter: ParameterRow): string =>
  parameter.node === null ? parameter.name : `${parameter.node}.${parameter.name}`;

const MAIN = ["auc", "logloss", "normalised_entropy", "pr_auc", "ks", "calibration", "group_auc"];

/** Without the model's name that stands before it in reports of several models. */
export const metricName = (name: string): string => name.split(": ").at(-1)!;

/** Those that decide between models; all of them on request. */
export function shownMetrics(metrics: readonly MetricRow[], all: boolean): MetricRow[] {
  const main = metrics.filter(({ name }) => {
    const last = metricName(name);
    return MAIN.includes(last) || last.startsWith("ndcg_at_");
  });
  return all || !main.length ? [...metrics] : main;
}

export const betterOf = (metric: MetricRow) => infoOf(metricName(metric.name)).better;

/** A value as it is written in a table: nothing, text as it is, the rest as JSON. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return "–";
  return typeof value === "string" ? value : JSON.stringify(value);
}
