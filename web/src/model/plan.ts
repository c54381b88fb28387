// What a run would do.
import type { ProblemItem } from "../api/client";

export interface PlanNode {
  node: string;
  decision: "execute" | "reuse" | "skip";
  reason: ProblemItem;
  /** null: it has not run yet. */
  expected_seconds: number | null;
}

export interface Plan {
  nodes: PlanNode[];
  expected_seconds: number | null;
}
