// One model at a glance: the AUC large with its interval, every metric beside what the base rate does.
import { Tooltip } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { formatCount, formatFixed, formatShare } from "../format";
import type { ReportModel } from "./document";
import { Interval, scaleOf } from "./interval";
import { type MetricInfo, metricsOf } from "./metrics";
import classes from "./report.module.css";

const HERO = "auc";
const COUNTS = new Set(["rows", "positives", "base_rate"]);

export function Overview({ model }: { model: ReportModel }) {
  const tiles = metricsOf([model]).filter(({ name }) => name !== HERO && !COUNTS.has(name));
  return (
    <section className={classes.overview}>
      <Hero model={model} />
      <dl className={classes.tiles}>
        {tiles.map((metric) => (
          <Tile key={metric.name} metric={metric} model={model} />
        ))}
      </dl>
    </section>
  );
}

function Hero({ model }: { model: ReportModel }) {
  const { t } = useTranslation("results");
  const { auc, rows, positives, base_rate: rate } = model.metrics;
  const bounds = model.intervals.auc;
  if (auc === undefined) return null;
  return (
    <div className={classes.hero}>
      <div className={classes.heroName}>{t("metric.auc")}</div>
      <div className={classes.heroValue}>{formatFixed(auc)}</div>
      {bounds && (
        <>
          <Interval
            value={auc}
            low={bounds[0]}
            high={bounds[1]}
            scale={scaleOf([{ low: bounds[0], high: bounds[1] }])}
            label={t("metric.auc")}
            width={168}
          />
          <div className={classes.heroInterval}>
            {t("report.interval", { low: formatFixed(bounds[0]), high: formatFixed(bounds[1]) })}
          </div>
        </>
      )}
      {rows !== undefined && (
        <div className={classes.heroRows}>
          {t("report.rows", {
            rows: formatCount(rows),
            positives: formatCount(positives ?? 0),
            rate: formatShare(rate),
          })}
        </div>
      )}
    </div>
  );
}

function Tile({ metric, model }: { metric: MetricInfo; model: ReportModel }) {
  const { t } = useTranslation("results");
  const value = model.metrics[metric.name]!;
  const bounds = model.intervals[metric.name];
  const reference = metric.reference?.(model.metrics);
  return (
    <div className={classes.tile}>
      <dt>
        <MetricName name={metric.name} />
      </dt>
      <dd className={classes.tileValue}>{metric.format(value)}</dd>
      <dd className={classes.tileNote}>
        {bounds && `${metric.format(bounds[0])} – ${metric.format(bounds[1])}`}
      </dd>
      <dd className={classes.tileNote}>
        {reference !== undefined && t("report.base", { value: metric.format(reference) })}
      </dd>
    </div>
  );
}

/** The name of a metric, and on hover or focus what it means. */
export function MetricName({ name }: { name: string }) {
  const { t, i18n } = useTranslation("results");
  const key = name.startsWith("ndcg_at_") ? "ndcg" : name;
  const k = name.slice("ndcg_at_".length);
  const title = t(`metric.${key}`, { k, defaultValue: name });
  if (!i18n.exists(`results:about_metric.${key}`)) return title;
  return (
    <Tooltip label={t(`about_metric.${key}`, { k })} multiline w={280} events={TOUCH}>
      {/* What it means must be reached without a mouse. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <span className={classes.metricName} tabIndex={0}>
        {title}
      </span>
    </Tooltip>
  );
}

const TOUCH = { hover: true, focus: true, touch: true };
