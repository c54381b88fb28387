// Nodes whose shown results are older than what is drawn.
import { create } from "zustand";
import { api, data } from "../api/client";
import { fill, type Document } from "../model/document";
import { staleNodes } from "../model/stale";
import { useRun } from "./run-store";
import { present, useEditor } from "./store";

const NONE: ReadonlySet<string> = new Set();

export const useStale = create<{ nodes: ReadonlySet<string> }>()(() => ({ nodes: NONE }));

let ran: { run: string; document: Document } | null = null;

function compare(): void {
  const { view } = useRun.getState();
  const isShown = ran !== null && view?.run.id === ran.run;
  const next = isShown ? staleNodes(ran!.document, present()) : NONE;
  const { nodes } = useStale.getState();
  const isSame = next.size === nodes.size && [...next].every((id) => nodes.has(id));
  if (!isSame) useStale.setState({ nodes: next });
}

/** Compare the shown run with the document whenever one of them changes. Returns what ends it. */
export function followStale(): () => void {
  const stopRun = useRun.subscribe(({ view }, before) => {
    if (view?.run.id === before.view?.run.id) return;
    compare();
    if (view) void read(view.run);
  });
  const stopEditor = useEditor.subscribe((state, before) => {
    if (present(state) !== present(before)) compare();
  });
  return () => {
    stopRun();
    stopEditor();
  };
}

async function read(run: {
  id: string;
  pipeline_id: string;
  pipeline_version: number;
}): Promise<void> {
  const path = { pipeline_id: run.pipeline_id, version: run.pipeline_version };
  const stored = await data(
    api.GET("/api/v1/pipelines/{pipeline_id}/versions/{version}", { params: { path } }),
  ).catch(() => null);
  if (!stored) return;
  ran = { run: run.id, document: fill(stored.document as Document) };
  compare();
}
