// Load what is edited (the draft) or viewed (the version that ran), check it and save it as it changes.
import { useEffect, useState } from "react";
import { notifications } from "@mantine/notifications";
import i18next from "i18next";
import { api, data, type Schemas } from "../api/client";
import { fill, type Document } from "../model/document";
import { setProblems, validate } from "../editor/problems-store";
import { closeDraft, noteChange, openDraft, save, useSaver } from "../editor/saver";
import { inferSchemas } from "../editor/schemas-store";
import { edit, load, present, useEditor } from "../editor/store";

const CHECK_MS = 300;

export function useDocument(
  pipelineId: string,
  runId: string | null,
  components: Schemas["ComponentSpec"][] | undefined,
): { isReady: boolean; error: Error | null } {
  const [isReady, setReady] = useState(false);
  const [error, setError] = useState<Error | null>(null);

  useEffect(() => {
    if (components) {
      useEditor.setState({ specs: new Map(components.map((spec) => [spec.name, spec])) });
    }
  }, [components]);

  useEffect(() => {
    let isCurrent = true;
    const open = runId ? openRun(runId) : openForEditing(pipelineId);
    open.then(
      (show) => {
        if (!isCurrent) return;
        show();
        setReady(true);
      },
      (reason: Error) => isCurrent && setError(reason),
    );
    return () => {
      isCurrent = false;
      void save().catch(() => {});
      closeDraft();
      setProblems([]);
    };
  }, [pipelineId, runId]);

  useChecks(isReady && !runId);
  useLeaveGuard();
  return { isReady: isReady && components !== undefined, error };
}

async function openForEditing(pipelineId: string): Promise<() => void> {
  const { document, saved, isRecovered } = await openDraft(pipelineId);
  return () => {
    load(pipelineId, saved);
    if (!isRecovered) return;
    edit(document);
    if (useSaver.getState().state !== "conflict") {
      notifications.show({ message: i18next.t("editor:save.recovered") });
    }
  };
}

async function openRun(runId: string): Promise<() => void> {
  const run = await data(api.GET("/api/v1/runs/{run_id}", { params: { path: { run_id: runId } } }));
  const { pipeline_id, pipeline_version: version } = run;
  const stored = await data(
    api.GET("/api/v1/pipelines/{pipeline_id}/versions/{version}", {
      params: { path: { pipeline_id, version } },
    }),
  );
  return () => load(pipeline_id, fill(stored.document as Document), true);
}

/** After every change: save it, have it checked, have the columns inferred. */
function useChecks(isOn: boolean): void {
  useEffect(() => {
    if (!isOn) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let checked: object | null = null;
    const check = () => {
      const document = present();
      if (document === checked) return;
      checked = document;
      void validate(document);
      void inferSchemas(document);
    };
    check();
    const stop = useEditor.subscribe((state, before) => {
      if (present(state) === present(before)) return;
      noteChange();
      clearTimeout(timer);
      timer = setTimeout(check, CHECK_MS);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [isOn]);
}

/** A closed tab sends what it has; what does not arrive is kept in the browser. */
function useLeaveGuard(): void {
  useEffect(() => {
    const onHide = () => {
      if (document.visibilityState === "hidden") void save().catch(() => {});
    };
    document.addEventListener("visibilitychange", onHide);
    return () => document.removeEventListener("visibilitychange", onHide);
  }, []);
}
