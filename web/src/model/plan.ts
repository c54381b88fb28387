// What a run would do.
export interface PlanNode {
  node: string;
  decision: "execute" | "reuse" | "skip";
  reason: { code: string; message: string; arguments: Record<string, unknown> };
  /** null: it has not run yet. */
  expected_seconds: number | null;
  /** Components of packages whose code it is lent, for which it runs in the sandbox. */
  lent: string[];
}

export interface Plan {
  nodes: PlanNode[];
  expected_seconds: number | null;
}
