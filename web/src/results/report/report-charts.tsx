// The charts of a report, side by side as the width allows, all at one threshold.
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { Chart } from "../charts/chart";
import type { Colours } from "../charts/colours";
import { fileName } from "../download";
import { formatFixed, formatShare } from "../format";
import {
  calibrationOption,
  type CurveName,
  curveOption,
  histogramOption,
  ksOption,
  type Shown,
  widestGap,
} from "./charts";
import { Confusion } from "./confusion";
import { calibrationNumbers, curveNumbers, histogramNumbers, ksNumbers } from "./numbers";
import classes from "./report.module.css";
import { ratiosOf } from "./threshold";

interface Props {
  shown: readonly Shown[];
  focus: Shown;
}

export function ReportCharts({ shown, focus }: Props) {
  return (
    <div className={classes.charts}>
      <CurveChart name="roc" shown={shown} focus={focus} />
      <CurveChart name="pr" shown={shown} focus={focus} />
      {focus.decision && <Confusion name={focus.model.name} decision={focus.decision} />}
      <HistogramChart focus={focus} />
      <KsChart shown={shown} focus={focus} />
      <CalibrationChart shown={shown} focus={focus} />
      <CurveChart name="lift" shown={shown} focus={focus} />
      <CurveChart name="gain" shown={shown} focus={focus} />
    </div>
  );
}

function CurveChart({ name, shown, focus }: Props & { name: CurveName }) {
  const { t } = useTranslation("results");
  const option = useCallback(
    (colours: Colours) => curveOption(name, shown, colours, t),
    [name, shown, t],
  );
  return (
    <Chart
      title={t(`chart.${name}`)}
      summary={useSummary(name, focus)}
      option={option}
      numbers={() => curveNumbers(name, shown, t)}
      file={fileName(name)}
    />
  );
}

/** What a curve says, in a sentence; of several models only the one in focus is told in numbers. */
function useSummary(name: CurveName, first: Shown): string {
  const { t } = useTranslation("results");
  const { auc, pr_auc: prAuc, base_rate: rate } = first.model.metrics;
  const ratios = first.decision && ratiosOf(first.decision);
  const top = first.model.gain.find(([share]) => share >= 0.1)?.[1];
  return t(`chart_text.${name}`, {
    name: first.model.name,
    auc: formatFixed(auc),
    pr_auc: formatFixed(prAuc),
    rate: formatShare(rate),
    recall: formatShare(ratios?.recall),
    false_rate: formatShare(ratios?.falsePositiveRate),
    precision: formatShare(ratios?.precision),
    called: formatShare(ratios?.called),
    top: formatShare(top),
    lift: formatFixed(top === undefined ? null : top / 0.1, 1),
  });
}

function KsChart({ shown, focus }: Props) {
  const { t } = useTranslation("results");
  const option = useCallback((colours: Colours) => ksOption(shown, colours, t), [shown, t]);
  const first = focus;
  const widest = first ? widestGap(first.model.ks) : null;
  return (
    <Chart
      title={t("chart.ks")}
      summary={
        first && widest
          ? t("chart_text.ks", {
              name: first.model.name,
              ks: formatFixed(first.model.metrics.ks, 3),
              share: formatShare(widest[0]),
            })
          : t("chart.none")
      }
      option={option}
      numbers={() => ksNumbers(shown, t)}
      file={fileName("ks")}
    />
  );
}

function CalibrationChart({ shown, focus }: Props) {
  const { t } = useTranslation("results");
  const option = useCallback(
    (colours: Colours) => calibrationOption(shown, colours, t),
    [shown, t],
  );
  const first = focus;
  const ratio = first?.model.metrics.calibration;
  const way = ratio === undefined ? "" : ratio > 1 ? "high" : "low";
  return (
    <Chart
      title={t("chart.calibration")}
      summary={
        first && way
          ? t(`chart_text.calibration_${way}`, {
              name: first.model.name,
              difference: formatShare(Math.abs(ratio! - 1)),
            })
          : t("chart.none")
      }
      option={option}
      numbers={() => calibrationNumbers(shown, t)}
      file={fileName("calibration")}
    />
  );
}

function HistogramChart({ focus }: { focus: Shown }) {
  const { t } = useTranslation("results");
  const option = useCallback((colours: Colours) => histogramOption(focus, colours, t), [focus, t]);
  if (!focus.model.histogram.length) return null;
  return (
    <Chart
      title={t("chart.histogram")}
      summary={t("chart_text.histogram", {
        name: focus.model.name,
        called: formatShare(focus.decision && ratiosOf(focus.decision).called),
      })}
      option={option}
      numbers={() => histogramNumbers(focus, t)}
      file={fileName("scores", focus.model.name)}
    />
  );
}
