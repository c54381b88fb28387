// A node in words: "Train DeepFM, Train, running, 2 inputs connected, 2 problems".
import i18next from "i18next";
import { findNode, labelOf, type NodeItem, type Spec } from "../model/document";
import type { Step } from "../model/run-state";
import { titleOf } from "../shared/component-text";
import { present, type useEditor } from "./store";

type State = ReturnType<typeof useEditor.getState>;

/** What the node is and how it is doing; its name on the canvas. */
export function nodeWords(
  node: NodeItem,
  spec: Spec | null | undefined,
  step: Step | undefined,
  problems: number,
): string {
  const words = [
    labelOf(node),
    spec ? titleOf(spec) : node.component,
    node.disabled ? i18next.t("editor:node.disabled") : step && i18next.t(`state.${step.state}`),
    problems > 0 && i18next.t("editor:problems.count", { count: problems }),
  ];
  return [...new Set(words)].filter(Boolean).join(", ");
}

/** Read out when the keyboard comes to the node: also how far it is connected. */
export function announceNode(
  state: State,
  id: string,
  step: Step | undefined,
  problems: number,
): string {
  const document = present(state);
  const node = findNode(document, id);
  if (!node) return "";
  const count = document.edges.filter(({ target }) => target.node === id).length;
  const inputs = i18next.t("editor:node.inputs", { count });
  return `${nodeWords(node, state.specs.get(node.component), step, problems)}, ${inputs}`;
}
