// Several models side by side: metrics in columns, the best of each marked, AUC with its interval.
import { Checkbox } from "@mantine/core";
import { Award } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { ReportDocument, ReportModel } from "./document";
import { Interval, scaleOf } from "./interval";
import { bestPlaces, type MetricInfo, metricsOf } from "./metrics";
import { MetricName } from "./overview";
import classes from "./report.module.css";
import { Swatch } from "./swatch";

interface Props {
  report: ReportDocument;
  hidden: ReadonlySet<string>;
  onToggle(name: string): void;
}

const COUNTS = new Set(["rows", "positives", "base_rate"]);

export function ModelsTable({ report, hidden, onToggle }: Props) {
  const { t } = useTranslation("results");
  const { models, ranking } = report;
  const metrics = metricsOf(models).filter(({ name }) => !COUNTS.has(name));
  const scale = scaleOf(models.flatMap((model) => boundsOf(model) ?? []));
  return (
    <div className={classes.scroll}>
      <table className={classes.table}>
        <caption className={classes.hiddenText}>{t("report.models")}</caption>
        <thead>
          <tr>
            <th scope="col" className={classes.left}>
              {t("model")}
            </th>
            {metrics.map(({ name }) => (
              <th key={name} scope="col" colSpan={name === "auc" ? 2 : 1}>
                <MetricName name={name} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {models.map((model, place) => (
            <tr key={model.name}>
              <th scope="row" className={classes.left}>
                <span className={classes.modelName}>
                  <Checkbox
                    size="xs"
                    checked={!hidden.has(model.name)}
                    onChange={() => onToggle(model.name)}
                    aria-label={t("report.draw", { name: model.name })}
                  />
                  <Swatch place={place} />
                  {model.name}
                </span>
              </th>
              {metrics.map((metric) => (
                <Cells
                  key={metric.name}
                  {...{ metric, model, models, place, scale }}
                  best={ranking.best}
                />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface CellProps {
  metric: MetricInfo;
  model: ReportModel;
  models: readonly ReportModel[];
  place: number;
  scale: readonly [number, number];
  /** Models of which none is distinguishable from the best AUC. */
  best: readonly string[] | null;
}

function Cells({ metric, model, models, place, scale, best }: CellProps) {
  const { t } = useTranslation("results");
  const values = models.map((one) => one.metrics[metric.name]);
  const value = values[place];
  const isAuc = metric.name === "auc";
  const isBest =
    isAuc && best ? best.includes(model.name) : bestPlaces(values, metric.better).includes(place);
  const bounds = isAuc ? boundsOf(model) : null;
  return (
    <>
      <td className={isBest ? classes.best : undefined}>
        {isBest && (
          <Award size={13} role="img" aria-label={t("report.best")} className={classes.award} />
        )}
        {value === undefined ? "–" : metric.format(value)}
      </td>
      {isAuc && (
        <td className={classes.whisker}>
          {bounds && value !== undefined && (
            <Interval {...bounds} value={value} scale={scale} label={model.name} width={110} />
          )}
        </td>
      )}
    </>
  );
}

function boundsOf(model: ReportModel): { low: number; high: number } | null {
  const bounds = model.intervals.auc;
  return bounds ? { low: bounds[0], high: bounds[1] } : null;
}
