// The second line of a node: its first problem, how far it is, or what it gave.
import type { TFunction } from "i18next";
import type { ProblemItem } from "../api/client";
import type { NodeItem, Spec } from "../model/document";
import { headline, secondsOf, tableSize, type Step } from "../model/run-state";
import { titleOf } from "../shared/component-text";
import { formatMetric, formatNumber, formatSeconds } from "../shared/format";
import { problemText } from "../shared/problem-text";
import { useRun } from "./run-store";

export function useNodeLine(
  t: TFunction<"editor">,
  node: NodeItem,
  spec: Spec | null,
  step: Step | undefined,
  problems: readonly ProblemItem[],
): string {
  const progress = useRun(({ view }) => view?.progress.get(node.id));
  if (node.disabled) return t("editor:node.disabled");
  if (!spec) return t("editor:node.unknown", { name: node.component });
  if (step) {
    if (step.state === "failed" && step.problems[0]) return problemText(step.problems[0]);
    if (step.state === "running") {
      const percent = progress ? `${Math.round(progress.share * 100)}%` : t("editor:node.starting");
      return [percent, progress?.message].filter(Boolean).join(" · ");
    }
    const result = resultLine(step);
    if (result) return result;
    if (step.state === "reused") return t("editor:node.reused");
    if (step.state === "skipped") return t("editor:node.skipped");
    if (step.state === "queued") return t("editor:node.queued");
  }
  return problems[0] ? problemText(problems[0]) : titleOf(spec);
}

function resultLine(step: Step): string {
  if (step.state !== "succeeded" && step.state !== "reused") return "";
  const metric = headline(step);
  const size = tableSize(step);
  const seconds = step.state === "succeeded" ? secondsOf(step) : null;
  return [
    metric && `${metric.name} ${formatMetric(metric.value)}`,
    !metric && size && `${formatNumber(size.rows)} × ${size.columns}`,
    seconds !== null && formatSeconds(seconds),
  ]
    .filter(Boolean)
    .join(" · ");
}
