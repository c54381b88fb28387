// What a run would do.
export interface PlanNode {
  node: string;
  decision: "execute" | "reuse" | "skip";
  reason: { code: string; message: string; arguments: Record<string, unknown> };
  /** null: it has not run yet. */
  expected_seconds: number | null;
}

export interface Plan {
  nodes: PlanNode[];
  expected_seconds: number | null;
}
