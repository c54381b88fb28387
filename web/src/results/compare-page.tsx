// Two to eight runs side by side: what was set differently, what came of it, and the curves.
import { Button, Switch } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../api/client";
import { useQueryValue } from "../shared/location";
import { Refused, Waiting } from "./artifact/refused";
import { type Comparison, readIds, shownMetrics } from "./compare/comparison";
import { Curves } from "./compare/curves";
import { RunPicker } from "./compare/run-picker";
import { useRunModels } from "./compare/run-reports";
import {
  GraphChanges,
  MetricsTable,
  ParametersTable,
  RunsTable,
  StepsTable,
} from "./compare/tables";
import classes from "./compare/compare.module.css";

export default function ComparePage({ pipelineId }: { pipelineId: string | null }) {
  const { t } = useTranslation("results");
  const [asked, setAsked] = useQueryValue("runs");
  const [isPicking, setPicking] = useState(false);
  const ids = readIds(asked);
  const choose = (runs: string[]) => {
    setAsked(runs.join(","));
    setPicking(false);
  };
  return (
    <div className={classes.page}>
      <div className={classes.head}>
        <h1 className={classes.title}>{t("compare.title")}</h1>
        {ids.length >= 2 && (
          <Button size="xs" variant="default" onClick={() => setPicking(!isPicking)}>
            {t("compare.change")}
          </Button>
        )}
      </div>
      {(ids.length < 2 || isPicking) && (
        <RunPicker pipelineId={pipelineId} chosen={ids} onCompare={choose} />
      )}
      {ids.length >= 2 && <Compared ids={ids} onChange={choose} />}
    </div>
  );
}

function Compared({ ids, onChange }: { ids: string[]; onChange(ids: string[]): void }) {
  const { t } = useTranslation("results");
  const [showsAll, setShowsAll] = useState(false);
  const models = useRunModels(ids);
  const { data, error } = useQuery({
    queryKey: ["compare", ...ids],
    queryFn: async ({ signal }) =>
      (await call<Comparison>("GET", `/runs/compare?runs=${ids.join(",")}`, { signal })).data,
  });
  if (error) return <Refused error={error} />;
  if (!data) return <Waiting />;
  const metrics = shownMetrics(data.metrics, showsAll);
  return (
    <>
      <Section title={t("compare.runs")}>
        <RunsTable
          runs={data.runs}
          onRemove={(id) => onChange(ids.filter((other) => other !== id))}
        />
      </Section>
      <Section title={t("compare.parameters")}>
        <ParametersTable runs={data.runs} parameters={data.parameters} />
      </Section>
      <Section
        title={t("compare.metrics")}
        aside={
          <Switch
            size="xs"
            label={t("compare.all_metrics")}
            checked={showsAll}
            onChange={(event) => setShowsAll(event.currentTarget.checked)}
          />
        }
      >
        <MetricsTable runs={data.runs} metrics={metrics} />
      </Section>
      <section className={classes.curves} aria-label={t("compare.curves")}>
        <h2 className={classes.heading}>{t("compare.curves")}</h2>
        <Curves models={models} />
      </section>
      <Section title={t("compare.graph")}>
        <GraphChanges nodes={data.nodes} runs={data.runs} />
      </Section>
      <Section title={t("compare.steps")}>
        <StepsTable runs={data.runs} steps={data.steps} />
      </Section>
    </>
  );
}

interface SectionProps {
  title: string;
  aside?: ReactNode;
  children: ReactNode;
}

function Section({ title, aside, children }: SectionProps) {
  return (
    <section className={classes.card}>
      <div className={classes.cardHead}>
        <h2 className={classes.heading}>{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  );
}
