// Says which node the keyboard is on and how it is doing; screen readers read it out.
import { VisuallyHidden } from "@mantine/core";
import { announceNode } from "./node-label";
import { problemsOf, useProblems } from "./problems-store";
import { stepOf, useRun } from "./run-store";
import { chosenNode, useEditor } from "./store";

export function Announcer() {
  const chosen = useEditor(chosenNode) ?? "";
  const step = useRun(stepOf(chosen));
  const problems = useProblems(problemsOf(chosen)).length;
  const text = useEditor((state) => announceNode(state, chosen, step, problems));
  return (
    <VisuallyHidden role="status" aria-live="polite">
      {text}
    </VisuallyHidden>
  );
}
