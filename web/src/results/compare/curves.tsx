// The curves of all compared runs in the same charts, at one threshold.
import { Checkbox } from "@mantine/core";
import { useDeferredValue, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Shown } from "../report/charts";
import { ReportCharts } from "../report/report-charts";
import { Swatch } from "../report/swatch";
import { decisionAt } from "../report/threshold";
import { ThresholdBar } from "../report/threshold-bar";
import classes from "./compare.module.css";
import type { RunModel } from "./run-reports";

export function Curves({ models }: { models: readonly RunModel[] }) {
  const { t } = useTranslation("results");
  const [threshold, setThreshold] = useState<number | null>(null);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const first = models[0];
  const asked = useDeferredValue(threshold);
  const all = useMemo(
    () =>
      models.map(({ model, threshold: reported }, place): Shown => ({
        model,
        place,
        decision: decisionAt(model, asked ?? reported, reported),
      })),
    [models, asked],
  );
  const shown = useMemo(() => all.filter(({ model }) => !hidden.has(model.name)), [all, hidden]);
  const focus = shown[0] ?? all[0];
  if (!first || !focus) return <p className={classes.note}>{t("compare.no_report")}</p>;
  const toggle = (name: string) => {
    const next = new Set(hidden);
    if (!next.delete(name)) next.add(name);
    setHidden(next);
  };
  return (
    <>
      <div className={classes.sticky}>
        <div className={classes.legend}>
          {all.map(({ model, place }) => (
            <span key={model.name} className={classes.entry}>
              <Checkbox
                size="xs"
                checked={!hidden.has(model.name)}
                onChange={() => toggle(model.name)}
                aria-label={t("report.draw", { name: model.name })}
              />
              <Swatch place={place} />
              {model.name}
            </span>
          ))}
        </div>
        <ThresholdBar
          models={models.map(({ model }) => model)}
          focus={focus.model}
          threshold={threshold ?? first.threshold}
          reported={first.threshold}
          onChange={setThreshold}
        />
      </div>
      <ReportCharts shown={shown} focus={focus} />
    </>
  );
}
