// A node in words: "Train, Train, running 42 %, 2 problems".
import i18next from "i18next";
import { findNode, labelOf } from "../model/document";
import { titleOf } from "../shared/component-text";
import { useProblems } from "./problems-store";
import { useRun } from "./run-store";
import { present, type useEditor } from "./store";

type State = ReturnType<typeof useEditor.getState>;

export function announceNode(state: State, id: string): string {
  const node = findNode(present(state), id);
  if (!node) return "";
  const spec = state.specs.get(node.component);
  const step = useRun.getState().view?.steps.get(id);
  const problems = useProblems.getState().byNode.get(id)?.length ?? 0;
  const words = [
    labelOf(node),
    spec ? titleOf(spec) : node.component,
    step && i18next.t(`state.${step.state}`),
    problems > 0 && i18next.t("editor:problems.count", { count: problems }),
  ];
  return words.filter(Boolean).join(", ");
}
