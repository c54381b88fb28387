// What is known of a run: a snapshot of the server and, folded over it, every event since.
import type { Schemas } from "../api/client";

export type Run = Schemas["RunItem"];
export type Step = Schemas["StepItem"];
export type StepState = Step["state"];
export type RunEvent = Schemas["EventItem"];

export interface Progress {
  share: number;
  message: string;
}

export interface Metrics {
  step: number;
  values: Record<string, number>;
}

export interface RunView {
  run: Run;
  steps: ReadonlyMap<string, Step>;
  progress: ReadonlyMap<string, Progress>;
  metrics: ReadonlyMap<string, readonly Metrics[]>;
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
    const point = { step: Number(event.data.step), values: event.data.values as Metrics["values"] };
    const points = [...(view.metrics.get(node) ?? []), point].slice(-MAX_POINTS);
    return { ...next, metrics: new Map(view.metrics).set(node, points) };
  }
  return next;
}

function foldRun(run: Run, { data, created_at }: RunEvent): Run {
  const state = data.state as Run["state"];
  const started_at = run.started_at ?? (state === "running" ? created_at : null);
  const finished_at = FINAL_RUN.has(state) ? created_at : null;
  return { ...run, state, started_at, finished_at };
}

function foldStep(view: RunView, node: string, { data, created_at }: RunEvent): RunView {
  const old = view.steps.get(node);
  if (!old) return view;
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

/** The one figure that is shown for a step or a run: AUC where there is one. */
export function headline(step: Step): { name: string; value: number } | null {
  for (const output of Object.values(step.outputs)) {
    const metrics = output.summary?.metrics ?? output.summary;
    const auc = (metrics as Record<string, unknown> | undefined)?.auc;
    if (typeof auc === "number") return { name: "AUC", value: auc };
  }
  return null;
}
