// Which run is shown on the canvas: the one in the address, else the pipeline's newest.
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { api, data } from "../api/client";
import { headline } from "../model/run-state";
import { useQueryValue } from "../shared/location";
import { useRun, watch } from "../editor/run-store";
import { followStale } from "../editor/stale-store";
import { select, useEditor } from "../editor/store";

export function useShownRun(pipelineId: string, runId: string | null): void {
  const [asked] = useQueryValue("run");
  const { data: newest } = useQuery({
    queryKey: ["runs", pipelineId, "newest"],
    queryFn: () =>
      data(api.GET("/api/v1/runs", { params: { query: { pipeline: pipelineId, limit: 1 } } })),
    enabled: !runId && !asked,
  });
  const shown = runId ?? asked ?? newest?.runs[0]?.id ?? null;
  useEffect(() => {
    void watch(shown).catch(() => {});
  }, [shown]);
  useEffect(() => () => void watch(null), []);
  useEffect(followStale, []);
  useEffect(showResult, []);
  useChosenInAddress();
}

/** When a run that was watched succeeds and nothing is chosen, its evaluation is shown. */
function showResult(): () => void {
  return useRun.subscribe(({ view }, before) => {
    const isDone = view?.run.state === "succeeded" && before.view?.run.state === "running";
    if (!view || !isDone || view.run.id !== before.view?.run.id) return;
    const found = [...view.steps.values()].find((step) => headline(step));
    if (found && !useEditor.getState().selected.size) select([found.node_id]);
  });
}

/** `node=` in the address is the chosen node, both ways, so that an address can be shared. */
function useChosenInAddress(): void {
  const [node, setNode] = useQueryValue("node");
  const isThere = useEditor((state) => state.history.present.nodes.some(({ id }) => id === node));
  useEffect(() => {
    if (node && isThere) select([node]);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- only what the address said at first
  }, [isThere]);
  useEffect(
    () =>
      useEditor.subscribe((state, before) => {
        if (state.selected === before.selected) return;
        const [only, ...more] = state.selected;
        setNode(only && !more.length && !only.includes(":") ? only : null);
      }),
    [setNode],
  );
}
