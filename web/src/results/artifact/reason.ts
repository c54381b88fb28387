// Why there is nothing to show on a port, each reason by its name; or the artifact that is shown.
import type { DockAction } from "../../model/dock";
import type { Schemas } from "../../api/client";

type Step = Schemas["StepItem"];
type Output = Schemas["StepOutput"];

export type Reason =
  | "no_node"
  | "no_ports"
  | "no_such_port"
  | "not_connected"
  | "not_run"
  | "not_part"
  | "waiting"
  | "running"
  | "failed"
  | "skipped"
  | "cancelled"
  | "no_output"
  | "purged"
  | "unreadable"
  | "no_chart";

export type Look = { output: Output; stale: boolean } | { reason: Reason };

interface Asked {
  /** Whether any run is shown. */
  hasRun: boolean;
  step: Step | null;
  port: string | null;
  /** The names of the ports that the component has; null: not known. */
  ports: readonly string[] | null;
  /** Whether the parameters have changed since the run. */
  stale?: boolean;
}

export function lookAt({ hasRun, step, port, ports, stale = false }: Asked): Look {
  if (ports && !ports.length) return { reason: "no_ports" };
  if (port === null || (ports && !ports.includes(port))) return { reason: "no_such_port" };
  if (!hasRun) return { reason: "not_run" };
  if (!step) return { reason: "not_part" };
  const output = step.outputs[port];
  if (output) return { output, stale };
  return { reason: reasonOf(step.state) };
}

function reasonOf(state: Step["state"]): Reason {
  switch (state) {
    case "waiting":
    case "queued":
      return "waiting";
    case "running":
    case "failed":
    case "skipped":
    case "cancelled":
      return state;
    case "succeeded":
    case "reused":
      return "no_output";
  }
}

/** What a person can do about it; null: wait, or choose something else. */
export function actionFor(reason: Reason): DockAction | null {
  switch (reason) {
    case "not_run":
    case "not_part":
    case "cancelled":
    case "purged":
    case "no_output":
      return "run_to_here";
    case "failed":
    case "skipped":
      return "show_error";
    default:
      return null;
  }
}
