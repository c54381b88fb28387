// What every tab of the dock is given: the chosen node, and what became of it in the shown run.
import type { Schemas } from "../api/client";

/** What a tab can ask for when it has nothing to show. */
export type DockAction = "run_to_here" | "show_error";

/** What a step measured while it ran: at `step`, such as an epoch, a value of each name. */
export interface MetricPoint {
  step: number;
  values: Record<string, number>;
}

export interface DockProps {
  pipelineId: string;
  /** The run that is shown; null: none yet. Its steps are live. */
  run: Schemas["RunItem"] | null;
  steps: ReadonlyMap<string, Schemas["StepItem"]>;
  /** The chosen node; null: none. */
  node: string | null;
  /** The component of the chosen node; null: none chosen, or unknown. */
  spec: Schemas["ComponentSpec"] | null;
  /** The step of the chosen node in the run; null: not part of it. */
  step: Schemas["StepItem"] | null;
  /** What the chosen node's input ports are connected to in the shown graph. */
  sources: Record<string, { node: string; port: string }[]>;
  /** Choose a node on the canvas. */
  onChoose(node: string): void;
  /** Whether the node's parameters, or those above it, have changed since the shown run. */
  stale?: boolean;
  /** What the chosen node has measured in this run, live. */
  metrics?: readonly MetricPoint[];
  /** Do what a tab offers when it has nothing to show; without it nothing is offered. */
  onAction?(action: DockAction): void;
}
