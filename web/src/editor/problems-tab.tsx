// Every problem of the pipeline; a click goes to its node and field.
import { CircleAlert, CircleCheck } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { ProblemItem } from "../api/client";
import { findNode, labelOf } from "../model/document";
import type { DockProps } from "../model/dock";
import { hintText, problemText } from "../shared/problem-text";
import { useProblems } from "./problems-store";
import { present, useEditor } from "./store";
import classes from "./problems-tab.module.css";

export function ProblemsTab({ onChoose }: DockProps) {
  const { t } = useTranslation("editor");
  const problems = useProblems((state) => state.problems);
  if (!problems.length) {
    return (
      <p className={classes.good}>
        <CircleCheck size={16} color="var(--ok)" aria-hidden /> {t("problems.none")}
      </p>
    );
  }
  const go = ({ node, field }: ProblemItem) => {
    if (!node) return;
    onChoose(node);
    if (field) setTimeout(() => document.getElementById(`field-${field}`)?.focus(), 60);
  };
  return (
    <ul className={classes.list}>
      {problems.map((problem, index) => (
        <li key={index}>
          <button type="button" className={classes.row} onClick={() => go(problem)}>
            <CircleAlert size={15} color="var(--warn)" aria-hidden />
            <NodeName id={problem.node ?? null} />
            <span className={classes.text}>
              {problemText(problem)}
              <span className={classes.hint}> {hintText(problem)}</span>
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function NodeName({ id }: { id: string | null }) {
  const { t } = useTranslation("editor");
  const node = useEditor((state) => (id ? findNode(present(state), id) : undefined));
  return (
    <strong className={classes.name}>{node ? labelOf(node) : (id ?? t("pipeline.title"))}</strong>
  );
}
