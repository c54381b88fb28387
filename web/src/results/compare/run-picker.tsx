// The last runs, to choose two to eight of them.
import { Button, Checkbox } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, data } from "../../api/client";
import { StateBadge } from "../../shared/state-icon";
import { Refused, Waiting } from "../artifact/refused";
import { formatTime } from "../format";
import classes from "./compare.module.css";
import { MOST } from "./comparison";

interface Props {
  pipelineId: string | null;
  chosen: readonly string[];
  onCompare(runs: string[]): void;
}

const SHOWN = 50;

export function RunPicker({ pipelineId, chosen, onCompare }: Props) {
  const { t } = useTranslation("results");
  const [picked, setPicked] = useState<string[]>([...chosen]);
  const query = { limit: SHOWN, ...(pipelineId ? { pipeline: pipelineId } : {}) };
  const { data: list, error } = useQuery({
    queryKey: ["runs", "picker", pipelineId],
    queryFn: () => data(api.GET("/api/v1/runs", { params: { query } })),
  });
  if (error) return <Refused error={error} />;
  if (!list) return <Waiting />;
  const toggle = (id: string) =>
    setPicked((before) =>
      before.includes(id) ? before.filter((other) => other !== id) : [...before, id],
    );
  return (
    <section className={classes.card}>
      <div className={classes.cardHead}>
        <h2 className={classes.heading}>{t("compare.choose", { most: MOST })}</h2>
        <Button size="xs" disabled={picked.length < 2} onClick={() => onCompare(picked)}>
          {t("compare.compare", { count: picked.length })}
        </Button>
      </div>
      {list.runs.length < 2 && <p className={classes.note}>{t("compare.too_few")}</p>}
      <ul className={classes.picker}>
        {list.runs.map((run) => (
          <li key={run.id}>
            <Checkbox
              size="xs"
              checked={picked.includes(run.id)}
              disabled={!picked.includes(run.id) && picked.length >= MOST}
              onChange={() => toggle(run.id)}
              label={
                <>
                  <strong>{run.pipeline_name}</strong> v{run.pipeline_version} ·{" "}
                  {formatTime(run.created_at)} ·{" "}
                  <span className={classes.id}>{run.id.slice(0, 8)}</span>
                </>
              }
            />
            <StateBadge state={run.state} />
          </li>
        ))}
      </ul>
    </section>
  );
}
