// The runs of one pipeline, the newest first: show one on the canvas, view it, compare several.
import { Button, Checkbox, Group, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, data } from "../api/client";
import { useRun, watch } from "../editor/run-store";
import { isOver } from "../model/run-state";
import { formatAgo, formatSeconds } from "../shared/format";
import { navigate, setQuery } from "../shared/location";
import { StateBadge } from "../shared/state-icon";
import classes from "./runs-drawer.module.css";

const MOST = 8;

export default function RunsDrawer({ pipelineId }: { pipelineId: string }) {
  const { t } = useTranslation("editor");
  const [chosen, setChosen] = useState<string[]>([]);
  const shown = useRun((state) => state.view?.run.id);
  const { data: list } = useQuery({
    queryKey: ["runs", pipelineId, "all"],
    queryFn: () =>
      data(api.GET("/api/v1/runs", { params: { query: { pipeline: pipelineId, limit: 50 } } })),
    refetchInterval: 3000,
  });
  const runs = list?.runs ?? [];
  const pick = (id: string, isPicked: boolean) =>
    setChosen(isPicked ? [...chosen, id].slice(-MOST) : chosen.filter((other) => other !== id));
  return (
    <>
      <Group mb="sm">
        <Button
          size="xs"
          disabled={chosen.length < 2}
          onClick={() => navigate(`/p/${pipelineId}/compare?runs=${chosen.join(",")}`)}
        >
          {t("runs.compare", { count: chosen.length })}
        </Button>
        <Text size="xs" c="dimmed">
          {t("runs.compare_help")}
        </Text>
      </Group>
      {!runs.length && <Text c="dimmed">{t("runs.none")}</Text>}
      {runs.map((run) => (
        <div key={run.id} className={classes.run} data-shown={run.id === shown || undefined}>
          <Checkbox
            size="xs"
            aria-label={t("runs.choose", { run: run.id.slice(0, 8) })}
            checked={chosen.includes(run.id)}
            onChange={({ currentTarget }) => pick(run.id, currentTarget.checked)}
          />
          <button
            type="button"
            className={classes.main}
            onClick={() => {
              setQuery({ run: run.id });
              void watch(run.id);
            }}
          >
            <StateBadge state={run.state} />
            <span className={classes.muted}>
              {formatAgo(run.created_at)} · v{run.pipeline_version}
              {isOver(run) && run.started_at && run.finished_at
                ? ` · ${formatSeconds(run.finished_at - run.started_at)}`
                : ""}
            </span>
          </button>
          <Button
            size="compact-xs"
            variant="subtle"
            onClick={() => navigate(`/p/${pipelineId}/r/${run.id}`)}
          >
            {t("runs.view")}
          </Button>
        </div>
      ))}
    </>
  );
}
