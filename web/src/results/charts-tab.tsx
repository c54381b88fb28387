// What can be drawn of the chosen node: its training while it runs, its report, its columns.
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { DockProps, MetricPoint } from "../model/dock";
import { ArtifactView } from "./artifact/artifact-view";
import classes from "./artifact/artifact.module.css";
import { Nothing } from "./artifact/nothing";
import { lookAt } from "./artifact/reason";
import { artifactTable, previewOf } from "./artifacts";
import { readModel } from "./model-view/document";
import { Distributions } from "./table/distributions";
import { TrainingCurves } from "./training/training-curves";

const DRAWN = ["report", "model", "feature_map", "table"];

export default function ChartsTab(props: DockProps) {
  const { node, run, step, spec, metrics = [], onAction } = props;
  const ports = spec?.outputs.map((port) => port.name) ?? Object.keys(step?.outputs ?? {});
  const output = DRAWN.flatMap((kind) =>
    Object.entries(step?.outputs ?? {}).filter(([, one]) => one.kind === kind),
  )[0];
  if (node === null) return <Nothing reason="no_node" />;
  if (!output) {
    if (metrics.length) return <Padded points={metrics} />;
    const look = lookAt({ hasRun: run !== null, step, port: ports[0] ?? null, ports });
    const reason = "reason" in look ? look.reason : "no_chart";
    return <Nothing reason={reason} onAction={onAction} />;
  }
  const [port, { kind, digest }] = output;
  if (kind === "model") return <ModelCurves digest={digest} metrics={metrics} />;
  if (kind === "table") return <Distributions source={artifactTable(digest, `${node}-${port}`)} />;
  return <ArtifactView digest={digest} kind={kind} name={`${node}-${port}`} onAction={onAction} />;
}

function Padded({ points, best }: { points: readonly MetricPoint[]; best?: number | null }) {
  return (
    <div className={classes.padded}>
      <TrainingCurves points={points} best={best ?? null} />
    </div>
  );
}

/** What the model remembers of its training; until it is read, what was seen live. */
function ModelCurves({ digest, metrics }: { digest: string; metrics: readonly MetricPoint[] }) {
  const { data } = useQuery(previewOf(digest));
  const training = useMemo(
    () => (data?.kind === "model" ? readModel(data.document, data.arrays).training : null),
    [data],
  );
  const whole = training?.history.length ? training.history : metrics;
  if (data && !whole.length) return <Nothing reason="no_chart" />;
  return <Padded points={whole} best={training?.bestEpoch ?? null} />;
}
