// The dock below the canvas: what the chosen node took, gave, said; what is wrong; what a run would do.
import { ActionIcon, Center, Loader, Tabs, Tooltip, VisuallyHidden } from "@mantine/core";
import { X } from "lucide-react";
import { lazy, Suspense, useMemo, type ComponentType } from "react";
import { useTranslation } from "react-i18next";
import { actions } from "../editor/actions";
import { prefer } from "../shared/preferences";
import { ProblemsTab } from "../editor/problems-tab";
import { useProblems } from "../editor/problems-store";
import { useRun } from "../editor/run-store";
import { useStale } from "../editor/stale-store";
import { chosenNode, present, select, useEditor } from "../editor/store";
import { reveal } from "../editor/viewport";
import type { DockAction, DockProps } from "../model/dock";
import { sourcesOf } from "../model/walk";
import { useQueryValue } from "../shared/location";
import { ErrorBoundary } from "./error-boundary";
import classes from "./dock.module.css";

const TABS: { id: string; component: ComponentType<DockProps> }[] = [
  { id: "output", component: lazy(() => import("../results/output-tab")) },
  { id: "input", component: lazy(() => import("../results/input-tab")) },
  { id: "charts", component: lazy(() => import("../results/charts-tab")) },
  { id: "logs", component: lazy(() => import("../editor/logs-tab")) },
  { id: "problems", component: ProblemsTab },
  { id: "error", component: lazy(() => import("../editor/error-tab")) },
  { id: "plan", component: lazy(() => import("../editor/plan-tab")) },
];

export function Dock({ pipelineId }: { pipelineId: string }) {
  const { t } = useTranslation("editor");
  const [asked, setTab] = useQueryValue("tab");
  const props = useDockProps(pipelineId);
  const problems = useProblems((state) => state.problems.length);
  const tab = TABS.some(({ id }) => id === asked) ? asked : "output";
  const hasFailed = props.step?.state === "failed";
  return (
    <Tabs value={tab} onChange={setTab} keepMounted={false} className={classes.dock}>
      <div className={classes.head}>
        <Tabs.List className={classes.tabs}>
          {TABS.map(({ id }) => (
            <Tabs.Tab
              key={id}
              value={id}
              className={classes.tab}
              data-alert={(id === "error" && hasFailed) || undefined}
            >
              {t(`dock.${id}`)}
              {id === "problems" && problems > 0 && (
                <span className={classes.count}>{problems}</span>
              )}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tooltip label={t("dock.close")}>
          <ActionIcon
            ml="auto"
            mr={8}
            my="auto"
            size={24}
            variant="subtle"
            color="gray"
            aria-label={t("dock.close")}
            onClick={() => prefer({ showsDock: false })}
          >
            <X size={15} />
          </ActionIcon>
        </Tooltip>
      </div>
      {TABS.map(({ id, component: Content }) => (
        <Tabs.Panel key={id} value={id} className={classes.panel}>
          <VisuallyHidden component="h2">{t(`dock.${id}`)}</VisuallyHidden>
          <ErrorBoundary>
            <Suspense
              fallback={
                <Center h="100%">
                  <Loader size="sm" />
                </Center>
              }
            >
              <Content {...props} />
            </Suspense>
          </ErrorBoundary>
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}

const act = (action: DockAction) =>
  action === "run_to_here" ? actions.run("EXECUTE_TO_HERE") : actions.openTab("error");

const NO_STEPS: DockProps["steps"] = new Map();

function useDockProps(pipelineId: string): DockProps {
  const node = useEditor(chosenNode);
  const document = useEditor(present);
  const specs = useEditor((state) => state.specs);
  const run = useRun((state) => state.view?.run ?? null);
  const steps = useRun((state) => state.view?.steps ?? NO_STEPS);
  const metrics = useRun((state) => (node ? state.view?.metrics.get(node) : undefined));
  const isStale = useStale(({ nodes }) => node !== null && nodes.has(node));
  return useMemo(() => {
    const component = document.nodes.find(({ id }) => id === node)?.component;
    return {
      pipelineId,
      run,
      steps,
      node,
      spec: (component && specs.get(component)) || null,
      step: (node && steps.get(node)) || null,
      sources: node ? sourcesOf(document, node) : {},
      metrics: metrics ?? [],
      stale: node !== null && isStale,
      onAction: act,
      onChoose: (id) => {
        select([id]);
        reveal(id);
      },
    };
  }, [pipelineId, run, steps, node, document, specs, metrics, isStale]);
}
