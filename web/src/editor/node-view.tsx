// A node on the canvas: what it is, how it is doing, its ports. Draws itself anew for its own step only.
import type { NodeProps } from "@xyflow/react";
import { CircleAlert, Clock3, HelpCircle, Pin } from "lucide-react";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import { labelOf } from "../model/document";
import { headline } from "../model/run-state";
import { problemText } from "../shared/problem-text";
import { StateIcon, stateColour } from "../shared/state-icon";
import { KindIcon } from "./kind-icon";
import { portX, type StepNode } from "./flow";
import { nodeWords } from "./node-label";
import { NodeTitle } from "./node-title";
import { PortHandle } from "./port-handle";
import { problemsOf, useProblems } from "./problems-store";
import { stepOf, useRun } from "./run-store";
import { useStale } from "./stale-store";
import { useNodeLine } from "./node-line";
import classes from "./node-view.module.css";

export const NodeView = memo(function NodeView({ id, data, selected }: NodeProps<StepNode>) {
  const { node, spec, ports } = data;
  const step = useRun(stepOf(id));
  const share = useRun(({ view }) => view?.progress.get(id)?.share);
  const isStale = useStale(({ nodes }) => nodes.has(id));
  const { t } = useTranslation("editor");
  const problems = useProblems(problemsOf(id));
  const line = useNodeLine(t, node, spec, step, problems);
  const state = step?.state ?? "waiting";
  const isRunning = state === "running";
  const hasHeadline = step !== undefined && (isRunning || headline(step) !== null);
  const className = [
    classes.node,
    selected && classes.selected,
    node.disabled && classes.disabled,
    state === "failed" && classes.failed,
    !spec && classes.unknown,
    problems.length > 0 && !step && classes.unready,
  ];
  return (
    <div
      id={`node-${id}`}
      className={className.filter(Boolean).join(" ")}
      style={{ "--state": stateColour(node.disabled ? "skipped" : state) } as React.CSSProperties}
      data-state={state}
      role="group"
      aria-label={nodeWords(node, spec, step, problems.length)}
      data-headline={hasHeadline || undefined}
    >
      <span className={classes.bar} />
      <span className={classes.icon}>
        {spec ? <KindIcon spec={spec} /> : <HelpCircle size={18} />}
      </span>
      <div className={classes.texts}>
        <NodeTitle id={id} title={labelOf(node)} />
        <span className={classes.line} title={line}>
          {line}
        </span>
      </div>
      <span className={classes.marks}>
        {problems.length > 0 && (
          <span className={classes.problems} title={problemText(problems[0]!)}>
            <CircleAlert size={13} aria-hidden />
            {problems.length}
          </span>
        )}
        {node.cache === "freeze" && <Pin size={13} aria-label={t("node.pinned")} />}
        {step && <StateIcon state={state} size={16} />}
        {isStale && step && (
          <Clock3 size={13} color="var(--state-stale)" aria-label={t("node.stale")} />
        )}
      </span>
      {isRunning && (
        <span className={classes.progress}>
          <span style={{ width: `${Math.round((share ?? 0) * 100)}%` }} />
        </span>
      )}
      {ports.inputs.map((port, index) => (
        <PortHandle
          key={port.name}
          node={id}
          port={port}
          type="target"
          x={portX(index, ports.inputs.length)}
          kind={t(`kind.${port.kind}`)}
        />
      ))}
      {ports.outputs.map((port, index) => (
        <PortHandle
          key={port.name}
          node={id}
          port={port}
          type="source"
          x={portX(index, ports.outputs.length)}
          kind={t(`kind.${port.kind}`)}
        />
      ))}
    </div>
  );
});
