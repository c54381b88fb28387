// The run that is shown, live. Apart from the document, so that an event draws one node anew.
import { create } from "zustand";
import { api, data } from "../api/client";
import { follow } from "../api/events";
import {
  fold,
  fromSnapshot,
  isOver,
  type RunEvent,
  type RunView,
  type Step,
  type StepState,
} from "../model/run-state";

interface RunState {
  view: RunView | null;
  isConnected: boolean;
}

export const useRun = create<RunState>()(() => ({ view: null, isConnected: true }));

let stop = () => {};
let wanted: string | null = null;

/** Show a run: its state now, then what happens, until it is over. null: none. */
export async function watch(runId: string | null): Promise<void> {
  stop();
  stop = () => {};
  wanted = runId;
  if (runId === null) {
    useRun.setState({ view: null });
    return;
  }
  const detail = await data(
    api.GET("/api/v1/runs/{run_id}", { params: { path: { run_id: runId } } }),
  );
  if (wanted !== runId) return;
  useRun.setState({ view: fromSnapshot(detail) });
  stop = follow(`/runs/${runId}/events`, receive, (isConnected) =>
    useRun.setState({ isConnected }),
  );
}

function receive(events: readonly RunEvent[]): void {
  useRun.setState(({ view }) => {
    const next = view && events.reduce(fold, view);
    if (view && next && isOver(next.run) && !isOver(view.run)) void refresh(next.run.id);
    return next === view ? {} : { view: next };
  });
}

/** When a run is over the server knows more of it than its events said. */
async function refresh(runId: string): Promise<void> {
  const detail = await data(
    api.GET("/api/v1/runs/{run_id}", { params: { path: { run_id: runId } } }),
  );
  useRun.setState(({ view }) => {
    if (view?.run.id !== runId) return {};
    const { run, steps } = fromSnapshot(detail);
    return { view: { ...view, run, steps } };
  });
}

export const stepOf =
  (node: string) =>
  (state: RunState): Step | undefined =>
    state.view?.steps.get(node);

export const stateOf =
  (node: string) =>
  (state: RunState): StepState | undefined =>
    state.view?.steps.get(node)?.state;
