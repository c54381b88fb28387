// Above a run that is viewed: which one, how it differs from the draft, the way back to editing.
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { call } from "../api/client";
import { diffDocuments } from "../model/diff";
import { fill, type Document } from "../model/document";
import { useRun } from "../editor/run-store";
import { present, useEditor } from "../editor/store";
import { formatAgo } from "../shared/format";
import { navigate } from "../shared/location";
import { useOpened } from "./use-editor-actions";
import classes from "./run-banner.module.css";

interface Props {
  pipelineId: string;
  runId: string;
}

export default function RunBanner({ pipelineId, runId }: Props) {
  const { t } = useTranslation("editor");
  const run = useRun((state) => state.view?.run);
  const shown = useEditor(present);
  const { data: draft } = useQuery({
    queryKey: ["draft", pipelineId],
    queryFn: () => call<{ document: Document }>("GET", `/pipelines/${pipelineId}/draft`),
  });
  const count = draft
    ? diffDocuments(shown, fill(draft.data.document)).filter(({ what }) => what !== "moved").length
    : 0;
  return (
    <div className={classes.banner}>
      <strong>{t("view.title", { run: runId.slice(0, 8) })}</strong>
      {run && <span>{formatAgo(run.created_at)}</span>}
      {run && <span>{t("view.version", { version: run.pipeline_version })}</span>}
      <span>{count ? t("view.differs", { count }) : t("view.same")}</span>
      <span className={classes.space} />
      {run && count > 0 && (
        <Button
          size="compact-xs"
          variant="default"
          onClick={() => useOpened.setState({ opened: "versions" })}
        >
          {t("view.versions")}
        </Button>
      )}
      <Button size="compact-xs" onClick={() => navigate(`/p/${pipelineId}?run=${runId}`)}>
        {t("view.edit")}
      </Button>
    </div>
  );
}
