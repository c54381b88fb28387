// Every run of every pipeline, live: filtered by state and text, compared, stopped.
import {
  ActionIcon,
  Button,
  Checkbox,
  SegmentedControl,
  Text,
  TextInput,
  Title,
  Tooltip,
  VisuallyHidden,
} from "@mantine/core";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { CircleStop, GitCompareArrows, Search } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { api, data, type Schemas } from "../api/client";
import { follow } from "../api/events";
import { isOver } from "../model/run-state";
import { formatAgo, formatSeconds, formatTime } from "../shared/format";
import { navigate, useQueryValue } from "../shared/location";
import { StateBadge } from "../shared/state-icon";
import classes from "./all-runs.module.css";

type Run = Schemas["RunItem"];

const STATES = ["all", "running", "succeeded", "failed", "cancelled"] as const;
const PAGE = 50;
const MOST = 8;

export default function AllRuns() {
  const { t } = useTranslation("runs");
  const [state, setState] = useQueryValue("state");
  const [text, setText] = useQueryValue("text");
  const [chosen, setChosen] = useState<string[]>([]);
  const { data: pages, fetchNextPage, hasNextPage, isPending } = useRuns(state, text);
  const runs = pages?.pages.flatMap((page) => page.runs) ?? [];
  const pick = (id: string, isPicked: boolean) =>
    setChosen(isPicked ? [...chosen, id].slice(-MOST) : chosen.filter((other) => other !== id));
  return (
    <div className={classes.page}>
      <Title order={1} size={22}>
        {t("title")}
      </Title>
      <div className={classes.bar}>
        <SegmentedControl
          size="xs"
          aria-label={t("filter_state")}
          value={state ?? "all"}
          onChange={(value) => setState(value === "all" ? null : value)}
          data={STATES.map((value) => ({
            value,
            label: value === "all" ? t("all") : t(`state.${value}`),
          }))}
        />
        <TextInput
          size="xs"
          w={240}
          leftSection={<Search size={14} aria-hidden />}
          placeholder={t("search")}
          aria-label={t("search")}
          value={text ?? ""}
          onChange={({ currentTarget }) => setText(currentTarget.value || null)}
        />
        <Button
          ml="auto"
          size="xs"
          variant="default"
          disabled={chosen.length < 2}
          leftSection={<GitCompareArrows size={14} />}
          onClick={() => navigate(`/compare?runs=${chosen.join(",")}`)}
        >
          {t("compare", { count: chosen.length })}
        </Button>
      </div>
      {!runs.length && !isPending && <Text c="dimmed">{t("none")}</Text>}
      {runs.length > 0 && (
        <div className={classes.box}>
          <table className={classes.table}>
            <thead>
              <tr>
                <th>
                  <VisuallyHidden>{t("choose_column")}</VisuallyHidden>
                </th>
                <th>{t("column_pipeline")}</th>
                <th>{t("column_state")}</th>
                <th>{t("column_started")}</th>
                <th className={classes.number}>{t("column_time")}</th>
                <th>
                  <VisuallyHidden>{t("column_actions")}</VisuallyHidden>
                </th>
              </tr>
            </thead>
            <tbody>
              {runs.map((run) => (
                <Row key={run.id} run={run} isChosen={chosen.includes(run.id)} onPick={pick} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {hasNextPage && (
        <Button mt="md" variant="default" size="xs" onClick={() => void fetchNextPage()}>
          {t("more")}
        </Button>
      )}
    </div>
  );
}

interface RowProps {
  run: Run;
  isChosen: boolean;
  onPick(id: string, isPicked: boolean): void;
}

function Row({ run, isChosen, onPick }: RowProps) {
  const { t } = useTranslation("runs");
  const queries = useQueryClient();
  const stop = async () => {
    const path = { run_id: run.id };
    await api.POST("/api/v1/runs/{run_id}/cancel", { params: { path } });
    await queries.invalidateQueries({ queryKey: ["runs"] });
  };
  return (
    <tr>
      <td>
        <Checkbox
          size="xs"
          aria-label={t("choose", { name: run.pipeline_name })}
          checked={isChosen}
          onChange={({ currentTarget }) => onPick(run.id, currentTarget.checked)}
        />
      </td>
      <td>
        <Link href={`/p/${run.pipeline_id}/r/${run.id}`} className={classes.link}>
          {run.pipeline_name}
        </Link>
        <span className={classes.muted}>
          {" "}
          v{run.pipeline_version} · {run.id.slice(0, 8)}
        </span>
      </td>
      <td>
        <StateBadge state={run.state} />
      </td>
      <td title={formatTime(run.created_at)} className={classes.muted}>
        {formatAgo(run.created_at)}
      </td>
      <td className={classes.number}>
        {run.started_at && run.finished_at ? formatSeconds(run.finished_at - run.started_at) : ""}
      </td>
      <td>
        {!isOver(run) && (
          <Tooltip label={t("stop")}>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`${t("stop")}: ${run.pipeline_name}`}
              onClick={() => void stop()}
            >
              <CircleStop size={16} />
            </ActionIcon>
          </Tooltip>
        )}
      </td>
    </tr>
  );
}

/** Pages of runs; read again when something happens in any of them. */
function useRuns(state: string | null, text: string | null) {
  const queries = useQueryClient();
  useEffect(
    () =>
      follow(
        "/events",
        (events) => {
          if (events.some(({ type }) => type === "run")) {
            void queries.invalidateQueries({ queryKey: ["runs"] });
          }
        },
        () => {},
      ),
    [queries],
  );
  return useInfiniteQuery({
    queryKey: ["runs", "list", state, text],
    queryFn: ({ pageParam }) =>
      data(
        api.GET("/api/v1/runs", {
          params: {
            query: {
              limit: PAGE,
              ...(state && { state: state as Run["state"] }),
              ...(text && { text }),
              ...(pageParam && { cursor: pageParam }),
            },
          },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next,
    placeholderData: (before) => before,
  });
}
