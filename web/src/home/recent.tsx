// Pipelines that were worked on last, with what came of their last run.
import { ActionIcon, Menu, Skeleton, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { Copy, Download, EllipsisVertical, Trash2, Workflow } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { api, call, data, type Schemas } from "../api/client";
import { headline } from "../model/run-state";
import { formatAgo, formatMetric } from "../shared/format";
import { navigate } from "../shared/location";
import { StateBadge } from "../shared/state-icon";
import classes from "./home.module.css";

const SHOWN = 12;

export function Recent() {
  const { t } = useTranslation("home");
  const { data: list } = useQuery({
    queryKey: ["pipelines"],
    queryFn: () => data(api.GET("/api/v1/pipelines", { params: { query: { limit: SHOWN } } })),
  });
  const pipelines = list?.pipelines ?? [];
  const runs = useQueries({
    queries: pipelines.map(({ id }) => ({
      queryKey: ["runs", id, "last"],
      queryFn: () => lastRun(id),
    })),
  });
  if (!list) return <Skeleton height={120} />;
  if (!pipelines.length) return <Text c="dimmed">{t("no_recent")}</Text>;
  return (
    <ul className={classes.recent}>
      {pipelines.map((pipeline, index) => (
        <Row key={pipeline.id} pipeline={pipeline} run={runs[index]?.data ?? null} />
      ))}
    </ul>
  );
}

async function lastRun(pipeline: string): Promise<Schemas["RunDetail"] | null> {
  const { runs } = await data(
    api.GET("/api/v1/runs", { params: { query: { pipeline, limit: 1 } } }),
  );
  if (!runs[0]) return null;
  const path = { run_id: runs[0].id };
  return data(api.GET("/api/v1/runs/{run_id}", { params: { path } }));
}

interface RowProps {
  pipeline: Schemas["PipelineItem"];
  run: Schemas["RunDetail"] | null;
}

function Row({ pipeline, run }: RowProps) {
  const { t } = useTranslation("home");
  const metric = run?.steps.map(headline).find(Boolean);
  return (
    <li className={classes.row}>
      <Link href={`/p/${pipeline.id}`} className={classes.open}>
        <Workflow size={17} color="var(--primary)" aria-hidden />
        <span className={classes.name}>{pipeline.name}</span>
        <span className={classes.when}>{formatAgo(pipeline.updated_at)}</span>
        <span className={classes.state}>
          {run ? (
            <StateBadge state={run.state} />
          ) : (
            <span className={classes.muted}>{t("no_run")}</span>
          )}
        </span>
        <span className={classes.metric}>
          {metric && (
            <>
              {metric.name} <strong>{formatMetric(metric.value)}</strong>
            </>
          )}
        </span>
      </Link>
      <More pipeline={pipeline} />
    </li>
  );
}

function More({ pipeline: { id, name } }: { pipeline: Schemas["PipelineItem"] }) {
  const { t } = useTranslation("home");
  const queries = useQueryClient();
  const copy = async () => {
    const { data: made } = await call<{ id: string }>("POST", `/pipelines/${id}/copy`, {
      body: {},
    });
    navigate(`/p/${made.id}`);
  };
  const remove = () =>
    modals.openConfirmModal({
      title: t("delete_title", { name }),
      children: t("delete_text"),
      labels: { confirm: t("delete"), cancel: t("cancel") },
      confirmProps: { color: "red" },
      onConfirm: () =>
        void call("DELETE", `/pipelines/${id}`).then(() =>
          queries.invalidateQueries({ queryKey: ["pipelines"] }),
        ),
    });
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={t("more", { name })}>
          <EllipsisVertical size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<Copy size={15} />} onClick={() => void copy()}>
          {t("copy")}
        </Menu.Item>
        <Menu.Item
          leftSection={<Download size={15} />}
          component="a"
          href={`api/v1/pipelines/${id}/export`}
        >
          {t("export")}
        </Menu.Item>
        <Menu.Item leftSection={<Trash2 size={15} />} color="red" onClick={remove}>
          {t("delete")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
