// What every tab of the dock is given: the chosen node, and what became of it in the shown run.
import type { Schemas } from "../api/client";

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
}
