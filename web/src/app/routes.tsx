// Which screen is at which address.
import { Center, Loader } from "@mantine/core";
import { lazy, Suspense } from "react";
import { Route, Switch } from "wouter";
import { Home } from "../home/home";
import { Shell } from "./shell";

const AllRuns = lazy(() => import("../runs/all-runs"));
const ComparePage = lazy(() => import("../results/compare-page"));
const DataPage = lazy(() => import("../results/data-page"));
const ArtifactPage = lazy(() => import("../results/artifact-page"));
const ComponentsPage = lazy(() => import("../results/components-page"));
const SettingsPage = lazy(() => import("../settings/settings-page"));
const EditorPage = lazy(() => import("./editor-page"));

export function Screens() {
  return (
    <Suspense
      fallback={
        <Center h="100%">
          <Loader />
        </Center>
      }
    >
      <Switch>
        <Route path="/p/:id/compare">
          {({ id }) => (
            <Shell>
              <ComparePage pipelineId={id} />
            </Shell>
          )}
        </Route>
        <Route path="/p/:id/r/:run">
          {({ id, run }) => <EditorPage pipelineId={id} runId={run} />}
        </Route>
        <Route path="/p/:id">{({ id }) => <EditorPage pipelineId={id} runId={null} />}</Route>
        <Route path="/runs">
          <Shell>
            <AllRuns />
          </Shell>
        </Route>
        <Route path="/compare">
          <Shell>
            <ComparePage pipelineId={null} />
          </Shell>
        </Route>
        <Route path="/artifact/:digest">
          {({ digest }) => (
            <Shell>
              <ArtifactPage digest={digest} />
            </Shell>
          )}
        </Route>
        <Route path="/data">
          <Shell>
            <DataPage />
          </Shell>
        </Route>
        <Route path="/components">
          <Shell>
            <ComponentsPage />
          </Shell>
        </Route>
        <Route path="/settings">
          <Shell>
            <SettingsPage />
          </Shell>
        </Route>
        <Route>
          <Shell>
            <Home />
          </Shell>
        </Route>
      </Switch>
    </Suspense>
  );
}
