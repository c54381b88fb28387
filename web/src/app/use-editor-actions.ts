// What commands do beyond the document: runs, dialogs, tabs.
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import i18next from "i18next";
import { useEffect } from "react";
import { create } from "zustand";
import { api, ApiError, call, type Schemas } from "../api/client";
import { setActions, type Mode, type Opened } from "../editor/actions";
import { prefer } from "../shared/preferences";
import { setProblems } from "../editor/problems-store";
import { useRun, watch } from "../editor/run-store";
import { storeVersion } from "../editor/saver";
import { chosenNode, select, useEditor } from "../editor/store";
import { reveal } from "../editor/viewport";
import { isOver, tally } from "../model/run-state";
import { navigate, setQuery } from "../shared/location";
import { problemText } from "../shared/problem-text";

/** The dialog or drawer that is open. */
export const useOpened = create<{ opened: Opened | null }>()(() => ({ opened: null }));

export function useEditorActions(pipelineId: string, runId: string | null): void {
  const queries = useQueryClient();
  useEffect(() => {
    const started = (run: Schemas["RunItem"]) => {
      void queries.invalidateQueries({ queryKey: ["runs"] });
      if (runId) return navigate(`/p/${pipelineId}/r/${run.id}`);
      setQuery({ run: run.id });
      void watch(run.id);
    };
    setActions({
      run: (mode, fresh = false) => void start(pipelineId, mode, fresh).then(started, tell),
      resume: (run) =>
        void call<Schemas["RunItem"]>("POST", `/runs/${run.id}/resume`, { body: {} }).then(
          ({ data }) => started(data),
          tell,
        ),
      stop,
      plan: () => openTab("plan"),
      firstError,
      saveVersion: () => void saveVersion().catch(tell),
      open: (opened) =>
        opened === "parameters" ? openParameters() : useOpened.setState({ opened }),
      openTab,
      exportFile: () => location.assign(`api/v1/pipelines/${pipelineId}/export`),
      settings: () => navigate("/settings"),
    });
  }, [pipelineId, runId, queries]);
}

async function start(pipelineId: string, mode: Mode, fresh: boolean): Promise<Schemas["RunItem"]> {
  const chosen = chosenNode(useEditor.getState());
  const targets = mode === "EXECUTE_ALL" || !chosen ? [] : [chosen];
  const options = {
    ...(mode !== "EXECUTE_ALL" && { mode, targets }),
    ...(fresh && { fresh }),
  };
  const { isReadOnly } = useEditor.getState();
  const version = isReadOnly ? useRun.getState().view!.run.pipeline_version : await storeVersion();
  const { data } = await call<Schemas["RunItem"]>("POST", `/pipelines/${pipelineId}/runs`, {
    body: { version, ...options },
  });
  return data;
}

/** Problems with a node go to the node; the rest is said aloud. */
function tell(error: Error): void {
  const problems = error instanceof ApiError ? error.problems : [];
  if (problems.some(({ node }) => node)) {
    setProblems(problems);
    openTab("problems");
  }
  const message = problems[0] ? problemText(problems[0]) : error.message;
  const hint = problems[0]?.hint ?? "";
  notifications.show({ color: "red", title: message, message: hint, autoClose: 8000 });
}

function stop(): void {
  const { view } = useRun.getState();
  if (!view || isOver(view.run)) return;
  const path = { run_id: view.run.id };
  void api.POST("/api/v1/runs/{run_id}/cancel", { params: { path } }).catch(tell);
}

function openTab(tab: string): void {
  prefer({ showsDock: true });
  setQuery({ tab });
}

function openParameters(): void {
  prefer({ showsPanel: true });
  focusField(120);
}

/** The first parameter gets the keyboard; code may still be loading, so it is tried frame by frame. */
function focusField(tries: number): void {
  requestAnimationFrame(() => {
    const field = document.querySelector<HTMLElement>("#panel-right [id^=field-]");
    const code = field?.querySelector<HTMLElement>("[contenteditable=true]");
    const isReady = code || field?.matches("input, button, textarea:not([readonly])");
    if (isReady) (code ?? field)?.focus();
    else if (tries > 0) focusField(tries - 1);
  });
}

function firstError(): void {
  const { view } = useRun.getState();
  const failed = view && tally(view).failed[0];
  if (!failed) return;
  select([failed]);
  reveal(failed, true);
  openTab("error");
}

async function saveVersion(): Promise<void> {
  const version = await storeVersion();
  notifications.show({ message: i18next.t("editor:save.version", { version }) });
}
