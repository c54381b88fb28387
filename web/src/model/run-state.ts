// What is known of a run: a snapshot of the server and, folded over it, every event since.
import type { Schemas } from "../api/client";
import type { MetricPoint } from "./dock";

export type Run = Schemas["RunItem"];
export type Step = Schemas["StepItem"];
export type StepState = Step["state"];
export type RunEvent = Schemas["EventItem"];

export interface Progress {
  share: number;
  message: string;
}

export interface RunView {
  run: Run;
  steps: ReadonlyMap<string, Step>;
  progress: ReadonlyMap<string, Progress>;
  metrics: ReadonlyMap<string, readonly MetricPoint[]>;
  /** The last event that is part of this. */
  lastEvent: number;
}

export const FINAL_RUN: ReadonlySet<string> = new Set([
  "succeeded",
  "failed",
  "cancelled",
  "interrupted",
  "quarantined",
]);
export const FINAL_STEP: ReadonlySet<string> = new Set([
  "succeeded",
  "failed",
  "skipped",
  "reused",
  "cancelled",
]);

export const isOver = (run: Pick<Run, "state">): boolean => FINAL_RUN.has(run.state);

export function fromSnapshot(detail: Schemas["RunDetail"]): RunView {
  const { steps, ...run } = detail;
  return {
    run,
    steps: new Map(steps.map((step) => [step.node_id, step])),
    progress: new Map(),
    metrics: new Map(),
    lastEvent: 0,
  };
}

const MAX_POINTS = 2000;

/** The next view; the same object when the event changes nothing that is shown. */
export function fold(view: RunView, event: RunEvent): RunView {
  if (event.run_id !== view.run.id || event.id <= view.lastEvent) return view;
  const next = { ...view, lastEvent: event.id };
  const node = typeof event.data.node === "string" ? event.data.node : null;
  if (event.type === "run") return { ...next, run: foldRun(view.run, event) };
  if (node === null) return next;
  if (event.type === "step") return foldStep(next, node, event);
  if (event.type === "progress") {
    const { share = 0, message = "" } = event.data as Partial<Progress>;
    return { ...next, progress: new Map(view.progress).set(node, { share, message }) };
  }
  if (event.type === "metrics") {
    const point = {
      step: Number(event.data.step),
      values: event.data.values as MetricPoint["values"],
    };
    const points = [...(view.metrics.get(node) ?? []), point].slice(-MAX_POINTS);
    return { ...next, metrics: new Map(view.metrics).set(node, points) };
  }
  return next;
}

function foldRun(run: Run, { data, created_at }: RunEvent): Run {
  if (created_at < (run.finished_at ?? run.started_at ?? 0)) return run;
  const state = data.state as Run["state"];
  const started_at = run.started_at ?? (state === "running" ? created_at : null);
  const finished_at = FINAL_RUN.has(state) ? created_at : null;
  return { ...run, state, started_at, finished_at };
}

function foldStep(view: RunView, node: string, { data, created_at }: RunEvent): RunView {
  const old = view.steps.get(node);
  // A stream begins at the beginning: what happened before the snapshot is in it.
  if (!old || created_at < (old.finished_at ?? old.started_at ?? 0)) return view;
  const { state, attempt, reason, problems } = data as Partial<Step>;
  const step: Step = {
    ...old,
    state: state ?? old.state,
    attempt: attempt ?? old.attempt,
    reason: reason ?? old.reason,
    problems: problems ?? old.problems,
    outputs: (data.outputs as Step["outputs"] | undefined) ?? old.outputs,
    started_at: state === "running" ? created_at : old.started_at,
    finished_at: state && FINAL_STEP.has(state) ? created_at : old.finished_at,
  };
  return { ...view, steps: new Map(view.steps).set(node, step) };
}

export interface Tally {
  done: number;
  all: number;
  failed: string[];
}

export function tally(view: RunView): Tally {
  const steps = [...view.steps.values()];
  return {
    done: steps.filter((step) => FINAL_STEP.has(step.state)).length,
    all: steps.length,
    failed: steps.filter((step) => step.state === "failed").map((step) => step.node_id),
  };
}

interface ReportSummary {
  models?: { metrics?: Record<string, unknown> }[];
}

/** The one figure that is shown for a step or a run: the AUC of its best model, where there is one. */
export function headline(step: Step): { name: string; value: number } | null {
  const values = Object.values(step.outputs).flatMap(({ kind, summary }) =>
    kind === "report" ? ((summary as ReportSummary | undefined)?.models ?? []) : [],
  );
  const areas = values.map(({ metrics }) => metrics?.auc).filter((auc) => typeof auc === "number");
  return areas.length ? { name: "AUC", value: Math.max(...areas) } : null;
}

/** Rows and columns of the first table that a step gave. */
export function tableSize(step: Step): { rows: number; columns: number } | null {
  for (const { kind, summary } of Object.values(step.outputs)) {
    const { rows, columns } = (summary ?? {}) as { rows?: unknown; columns?: unknown };
    if (kind === "table" && typeof rows === "number" && Array.isArray(columns)) {
      return { rows, columns: columns.length };
    }
  }
  return null;
}

export const secondsOf = (step: Pick<Step, "started_at" | "finished_at">): number | null =>
  step.started_at && step.finished_at ? Math.max(0, step.finished_at - step.started_at) : null;
