// An evaluation report: what the model is worth, whether that is sure, and what a threshold costs.
import { Alert, Select } from "@mantine/core";
import { TriangleAlert } from "lucide-react";
import { useDeferredValue, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Shown } from "./charts";
import { readReport, type ReportModel } from "./document";
import { ModelsTable } from "./models-table";
import { takePlots } from "../plots/plot";
import { Plots } from "../plots/plots";
import { Overview } from "./overview";
import { ReportCharts } from "./report-charts";
import classes from "./report.module.css";
import { Slices } from "./slices";
import { decisionAt } from "./threshold";
import { ThresholdBar } from "./threshold-bar";
import { PairsTable, RankingLine } from "./verdicts";

/** `document` is that of a report artifact. */
export default function ReportView({ document }: { document: Record<string, unknown> }) {
  const { t } = useTranslation("results");
  const report = useMemo(() => readReport(document), [document]);
  const { models } = report;
  const plots = useMemo(() => takePlots(document).plots, [document]);
  const [threshold, setThreshold] = useState(report.threshold);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [focusName, setFocus] = useState<string | null>(null);
  const first = focusName ?? report.ranking.order?.[0];
  const focus = models.find((model) => model.name === first) ?? models[0];
  const shown = useShown(models, hidden, useDeferredValue(threshold), report.threshold);
  const focused = useFocus(models, focus, useDeferredValue(threshold), report.threshold);
  if (!focus || !focused) return <p className={classes.note}>{t("report.empty")}</p>;
  const several = models.length > 1;
  const toggle = (name: string) => setHidden((before) => toggled(before, name));
  return (
    <div className={classes.report}>
      {report.notes.map((note) => (
        <Alert key={note} color="yellow" icon={<TriangleAlert size={16} />} p="sm">
          {note}
        </Alert>
      ))}
      {several ? (
        <section className={classes.block}>
          <RankingLine ranking={report.ranking} />
          <ModelsTable report={report} hidden={hidden} onToggle={toggle} />
        </section>
      ) : (
        <Overview model={focus} />
      )}
      <div className={classes.sticky}>
        <ThresholdBar
          models={models}
          focus={focus}
          threshold={threshold}
          reported={report.threshold}
          onChange={setThreshold}
        />
        {several && (
          <Select
            size="xs"
            label={t("report.focus")}
            data={models.map((model) => model.name)}
            value={focus.name}
            onChange={setFocus}
            allowDeselect={false}
            classNames={{ root: classes.inline }}
          />
        )}
      </div>
      <ReportCharts shown={shown} focus={focused} />
      <Plots plots={plots} />
      {several && (
        <section className={classes.block}>
          <PairsTable comparisons={report.comparisons} />
        </section>
      )}
      {focus.slices.length > 0 && (
        <section className={classes.block}>
          <Slices model={focus} column={report.sliceBy} />
        </section>
      )}
    </div>
  );
}

function useShown(
  models: readonly ReportModel[],
  hidden: ReadonlySet<string>,
  threshold: number,
  reported: number,
): Shown[] {
  return useMemo(
    () =>
      models
        .map((model, place) => ({ model, place, decision: decisionAt(model, threshold, reported) }))
        .filter(({ model }) => !hidden.has(model.name)),
    [models, hidden, threshold, reported],
  );
}

function useFocus(
  models: readonly ReportModel[],
  model: ReportModel | undefined,
  threshold: number,
  reported: number,
): Shown | null {
  return useMemo(
    () =>
      model
        ? {
            model,
            place: models.indexOf(model),
            decision: decisionAt(model, threshold, reported),
          }
        : null,
    [models, model, threshold, reported],
  );
}

function toggled(names: ReadonlySet<string>, name: string): ReadonlySet<string> {
  const next = new Set(names);
  if (!next.delete(name)) next.add(name);
  return next;
}
