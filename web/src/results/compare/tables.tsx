// The tables of a comparison: runs below each other, what differs beside them.
import { Award } from "lucide-react";
import { useTranslation } from "react-i18next";
import { CloseButton } from "@mantine/core";
import { Link } from "wouter";
import { StateBadge, StateIcon, type AnyState } from "../../shared/state-icon";
import { formatNumber, formatSeconds, formatTime } from "../format";
import { bestPlaces, infoOf } from "../report/metrics";
import { MetricName } from "../report/overview";
import classes from "./compare.module.css";
import {
  betterOf,
  type Comparison,
  labelOf,
  letterOf,
  type MetricRow,
  metricName,
  type ParameterRow,
  type Run,
  valueText,
} from "./comparison";

function RunName({ run, place }: { run: Run; place: number }) {
  return (
    <th scope="row" className={classes.run}>
      <span className={classes.letter}>{letterOf(place)}</span>
      <Link href={`/p/${run.pipeline_id}/r/${run.id}`} className={classes.link}>
        {run.pipeline_name} v{run.pipeline_version}
      </Link>
    </th>
  );
}

interface RunsProps {
  runs: readonly Run[];
  onRemove(id: string): void;
}

export function RunsTable({ runs, onRemove }: RunsProps) {
  const { t } = useTranslation("results");
  return (
    <div className={classes.scroll}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{t("compare.run")}</th>
            <th scope="col">{t("compare.state")}</th>
            <th scope="col">{t("compare.started")}</th>
            <th scope="col" className={classes.right}>
              {t("compare.took")}
            </th>
            <td />
          </tr>
        </thead>
        <tbody>
          {runs.map((run, place) => (
            <tr key={run.id}>
              <RunName run={run} place={place} />
              <td>
                <StateBadge state={run.state} />
              </td>
              <td>{formatTime(run.created_at)}</td>
              <td className={classes.right}>
                {run.started_at && run.finished_at
                  ? formatSeconds(run.finished_at - run.started_at)
                  : "–"}
              </td>
              <td>
                {runs.length > 2 && (
                  <CloseButton
                    size="xs"
                    aria-label={t("compare.remove", { name: letterOf(place) })}
                    onClick={() => onRemove(run.id)}
                  />
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface ParametersProps {
  runs: readonly Run[];
  parameters: readonly ParameterRow[];
}

export function ParametersTable({ runs, parameters }: ParametersProps) {
  const { t } = useTranslation("results");
  if (!parameters.length) return <p className={classes.note}>{t("compare.same_parameters")}</p>;
  return (
    <div className={classes.scroll}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{t("compare.run")}</th>
            {parameters.map((parameter) => (
              <th key={labelOf(parameter)} scope="col" className={classes.mono}>
                {labelOf(parameter)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {runs.map((run, place) => (
            <tr key={run.id}>
              <RunName run={run} place={place} />
              {parameters.map((parameter) => {
                const text = valueText(parameter.values[place]);
                const isOwn = valueText(parameter.values[0]) !== text;
                return (
                  <td key={labelOf(parameter)} className={classes.value} title={text}>
                    {isOwn ? <mark className={classes.mark}>{text}</mark> : text}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface MetricsProps {
  runs: readonly Run[];
  metrics: readonly MetricRow[];
}

export function MetricsTable({ runs, metrics }: MetricsProps) {
  const { t } = useTranslation("results");
  const nodes = new Set(metrics.map(({ node }) => node));
  if (!metrics.length) return <p className={classes.note}>{t("compare.no_metrics")}</p>;
  return (
    <div className={classes.scroll}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{t("compare.run")}</th>
            {metrics.map((metric) => (
              <th key={`${metric.node} ${metric.name}`} scope="col" className={classes.right}>
                {nodes.size > 1 && <span className={classes.muted}>{metric.node} </span>}
                {metric.name.includes(": ") && (
                  <span className={classes.muted}>{metric.name.split(": ")[0]} </span>
                )}
                <MetricName name={metricName(metric.name)} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {runs.map((run, place) => (
            <tr key={run.id}>
              <RunName run={run} place={place} />
              {metrics.map((metric) => (
                <MetricCell key={`${metric.node} ${metric.name}`} metric={metric} place={place} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function MetricCell({ metric, place }: { metric: MetricRow; place: number }) {
  const { t } = useTranslation("results");
  const value = metric.values[place];
  const isBest = bestPlaces(metric.values, betterOf(metric)).includes(place);
  const { format } = infoOf(metricName(metric.name));
  return (
    <td className={classes.right} data-best={isBest || undefined}>
      {isBest && (
        <Award size={13} role="img" aria-label={t("report.best")} className={classes.award} />
      )}
      {typeof value === "number" ? format(value) : "–"}
    </td>
  );
}

const CHANGES = ["added", "removed", "changed"] as const;

export function GraphChanges({ nodes, runs }: Pick<Comparison, "nodes" | "runs">) {
  const { t } = useTranslation("results");
  const letters = new Map(runs.map((run, place) => [run.id, letterOf(place)]));
  if (!CHANGES.some((change) => nodes[change].length)) {
    return <p className={classes.note}>{t("compare.same_graph")}</p>;
  }
  return (
    <dl className={classes.changes}>
      {CHANGES.map(
        (change) =>
          nodes[change].length > 0 && (
            <div key={change}>
              <dt>{t(`compare.${change}`)}</dt>
              <dd>
                {nodes[change].map((node) => (
                  <span key={node.node} className={classes.chip} data-change={change}>
                    {node.name}{" "}
                    {change !== "changed" && (
                      <span className={classes.muted}>
                        {t("compare.only_in", {
                          runs: node.runs.map((id) => letters.get(id)).join(", "),
                        })}
                      </span>
                    )}
                  </span>
                ))}
              </dd>
            </div>
          ),
      )}
    </dl>
  );
}

export function StepsTable({ runs, steps }: Pick<Comparison, "runs" | "steps">) {
  const { t } = useTranslation("results");
  return (
    <div className={classes.scroll}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{t("compare.step")}</th>
            {runs.map((run, place) => (
              <th key={run.id} scope="col" className={classes.right}>
                {letterOf(place)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {steps.map((step) => (
            <tr key={step.node}>
              <th scope="row">{step.name}</th>
              {step.states.map((state, place) => (
                <td key={runs[place]?.id} className={classes.right}>
                  {state === null ? (
                    "–"
                  ) : (
                    <span className={classes.step} title={t(`shared:state.${state}`)}>
                      <StateIcon state={state as AnyState} size={14} />
                      <span className={classes.hidden}>{t(`shared:state.${state}`)}</span>
                      {stepSeconds(state, step.seconds[place] ?? null)}
                    </span>
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const stepSeconds = (state: string, seconds: number | null) =>
  seconds === null || state === "reused" ? "" : `${formatNumber(seconds, 2)} s`;
