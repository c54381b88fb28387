// The editor and the view of a run: panels around the canvas, and what passes between them.
import { Center, Loader, VisuallyHidden } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ReactFlowProvider } from "@xyflow/react";
import { lazy, Suspense, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import {
  Group as PanelGroup,
  Panel,
  Separator,
  useDefaultLayout,
  type Layout,
} from "react-resizable-panels";
import { api, data } from "../api/client";
import { Canvas } from "../editor/canvas";
import { runChord } from "../editor/commands";
import { LeftPanel } from "../editor/left-panel";
import { ParameterPanel } from "../editor/parameter-panel";
import { usePreferences } from "../shared/preferences";
import { QuickAdd } from "../editor/quick-add";
import { useRun } from "../editor/run-store";
import { present, useEditor } from "../editor/store";
import { CanvasBar } from "../editor/canvas-bar";
import { isComposing, isEditable } from "../shared/keys";
import { useQueryValue } from "../shared/location";
import { Dock } from "./dock";
import { EditorBar } from "./editor-bar";
import { EditorDialogs } from "./editor-dialogs";
import { LoadFailure } from "./load-failure";
import RunBanner from "./run-banner";
import { SecondTab } from "./second-tab";
import { useDocument } from "./use-document";
import { useEditorActions } from "./use-editor-actions";
import { useShownRun } from "./use-shown-run";
import { useSmallScreen } from "./use-small-screen";
import classes from "./editor-page.module.css";

const ConflictDialog = lazy(() => import("../editor/conflict-dialog"));

interface Props {
  pipelineId: string;
  /** The run that is viewed; null: the draft is edited. */
  runId: string | null;
}

export default function EditorPage(props: Props) {
  return (
    <ReactFlowProvider key={`${props.pipelineId}/${props.runId}`}>
      <Editor {...props} />
    </ReactFlowProvider>
  );
}

function Editor({ pipelineId, runId }: Props) {
  const { t } = useTranslation("editor");
  const components = useQuery({
    queryKey: ["components"],
    queryFn: () => data(api.GET("/api/v1/components")),
    staleTime: 60_000,
  });
  const document = useDocument(pipelineId, runId, components.data?.components);
  useShownRun(pipelineId, runId);
  useEditorActions(pipelineId, runId);
  useAnywhereKeys();
  const {
    showsPalette: wantsPalette,
    showsPanel: wantsPanel,
    showsDock: wantsDock,
  } = usePreferences();
  const [tab] = useQueryValue("tab");
  const hasRun = useRun((state) => state.view !== null);
  const isSmall = useSmallScreen(document.isReady, runId !== null);
  const [showsPalette, showsPanel] = [wantsPalette && !isSmall, wantsPanel && !isSmall];
  const showsDock = wantsDock && (hasRun || tab !== null); // before the first run it is all canvas
  const name = useEditor((state) => present(state).name);
  const failure = document.error ?? components.error;
  if (failure) return <LoadFailure error={failure} />;
  if (!document.isReady) {
    return (
      <Center h="100%">
        <Loader aria-label={t("page.loading")} />
      </Center>
    );
  }
  return (
    <div className={classes.page}>
      <EditorBar pipelineId={pipelineId} runId={runId} />
      <VisuallyHidden component="h1">{name}</VisuallyHidden>
      <SecondTab pipelineId={pipelineId} isEditing={runId === null} />
      {runId && <RunBanner pipelineId={pipelineId} runId={runId} />}
      <main className={classes.columns}>
        <Columns id="columns">
          {showsPalette && (
            <Panel
              id="panel-left"
              defaultSize="248px"
              minSize="180px"
              maxSize="420px"
              className={classes.side}
            >
              <LeftPanel />
            </Panel>
          )}
          {showsPalette && <Separator className={classes.gripX} />}
          <Panel id="panel-middle" minSize="320px">
            <Columns id="rows" orientation="vertical">
              <Panel id="panel-canvas" minSize="160px" className={classes.canvas}>
                <Canvas />
                <CanvasBar />
              </Panel>
              {showsDock && <Separator className={classes.gripY} />}
              {showsDock && (
                <Panel id="panel-dock" defaultSize="280px" minSize="96px">
                  <Dock pipelineId={pipelineId} />
                </Panel>
              )}
            </Columns>
          </Panel>
          {showsPanel && <Separator className={classes.gripX} />}
          {showsPanel && (
            <Panel
              id="panel-right"
              defaultSize="344px"
              minSize="260px"
              maxSize="560px"
              className={classes.side}
            >
              <ParameterPanel />
            </Panel>
          )}
        </Columns>
      </main>
      <QuickAdd />
      <Suspense>
        <ConflictDialog />
      </Suspense>
      <EditorDialogs pipelineId={pipelineId} />
    </div>
  );
}

interface ColumnsProps {
  id: string;
  orientation?: "horizontal" | "vertical";
  className?: string;
  children: React.ReactNode;
}

/** Panels whose sizes this browser remembers. */
function Columns({ id, children, ...rest }: ColumnsProps) {
  const { defaultLayout, onLayoutChanged } = useDefaultLayout({
    id: `studio.${id}`,
    storage: localStorage,
  });
  const [first] = useState<Layout | undefined>(defaultLayout);
  return (
    <PanelGroup
      {...rest}
      {...(first && { defaultLayout: first })}
      onLayoutChanged={onLayoutChanged}
    >
      {children}
    </PanelGroup>
  );
}

/** Chords work wherever the keyboard is, but letters that are typed stay text. */
function useAnywhereKeys(): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || isComposing(event)) return;
      const isUndo = ["z", "y"].includes(event.key.toLowerCase());
      if (isEditable(event.target) && isUndo) return;
      if (runChord(event, "anywhere")) event.preventDefault();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
}
