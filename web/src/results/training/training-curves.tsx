// The curves of a training, while it runs and after: losses together, every other metric apart.
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { MetricPoint } from "../../model/dock";
import { baseOption, line, type Option, verticalLine } from "../charts/base";
import { Chart } from "../charts/chart";
import type { Colours } from "../charts/colours";
import { thin } from "../charts/thin";
import { fileName } from "../download";
import { formatNumber } from "../format";
import { type Panel, panelsOf } from "./series";
import classes from "./training.module.css";

interface Props {
  points: readonly MetricPoint[];
  /** The step whose weights were kept; null: not known yet. */
  best?: number | null;
  /** How many steps there will be, so that the axis does not move while it runs. */
  last?: number | null;
}

const MAX_POINTS = 400;

export function TrainingCurves({ points, best = null, last = null }: Props) {
  const panels = useMemo(() => panelsOf(points), [points]);
  return (
    <div className={classes.curves}>
      {panels.map((panel) => (
        <PanelChart key={panel.name} panel={panel} best={best} last={last} />
      ))}
    </div>
  );
}

interface PanelProps {
  panel: Panel;
  best: number | null;
  last: number | null;
}

function PanelChart({ panel, best, last }: PanelProps) {
  const { t } = useTranslation("results");
  const title =
    panel.name === "loss"
      ? t("training.loss")
      : t(`metric.${panel.name}`, { defaultValue: panel.name });
  const name = useCallback(
    (series: string) => t(`series.${series}`, { defaultValue: series }),
    [t],
  );
  const option = useCallback(
    (colours: Colours): Option => ({
      ...baseOption(
        { name: t("axis.epoch"), min: "dataMin", max: last ?? "dataMax", whole: true },
        { name: title, format: (value) => formatNumber(value, 3) },
        colours,
      ),
      series: panel.series.map((series, place) => ({
        ...line(place, name(series.name), thin(series.points, MAX_POINTS), colours),
        showSymbol: series.points.length === 1,
        symbol: "circle",
        markLine:
          place === 0 && best !== null
            ? verticalLine(best, t("training.best"), colours)
            : undefined,
      })),
    }),
    [panel, title, name, best, last, t],
  );
  const latest = panel.series
    .map((series) => `${name(series.name)} ${formatNumber(series.points.at(-1)?.[1] ?? null)}`)
    .join(", ");
  const epoch = panel.series[0]?.points.at(-1)?.[0] ?? 0;
  return (
    <Chart
      title={title}
      summary={t("training.text", { epoch, latest })}
      option={option}
      numbers={() => ({
        columns: [t("axis.epoch"), ...panel.series.map((series) => name(series.name))],
        rows: rowsOf(panel),
      })}
      file={fileName("training", panel.name)}
      height={200}
    />
  );
}

function rowsOf({ series }: Panel): (number | null)[][] {
  const steps = [...new Set(series.flatMap((one) => one.points.map(([step]) => step)))];
  const values = series.map((one) => new Map(one.points));
  return steps
    .sort((a, b) => a - b)
    .map((step) => [step, ...values.map((map) => map.get(step) ?? null)]);
}
