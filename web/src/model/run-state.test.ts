import { expect, test } from "vitest";
import { fold, fromSnapshot, headline, tally, type RunEvent, type RunView } from "./run-state";
import type { Schemas } from "../api/client";

const step = (node_id: string, state = "waiting") => ({
  node_id,
  state,
  attempt: 0,
  outputs: {},
  problems: [],
  started_at: null,
  finished_at: null,
});

const snapshot = (...steps: object[]): RunView =>
  fromSnapshot({
    id: "r",
    state: "running",
    started_at: 10,
    finished_at: null,
    steps,
  } as unknown as Schemas["RunDetail"]);

let id = 0;
const event = (type: string, data: object, created_at = 20): RunEvent =>
  ({ id: ++id, run_id: "r", type, data, created_at }) as RunEvent;

test("a run is a fold over its events", () => {
  const events = [
    event("step", { node: "a", state: "running", attempt: 1 }, 11),
    event("progress", { node: "a", share: 0.4, message: "epoch 1" }, 12),
    event("metrics", { node: "a", step: 1, values: { loss: 0.5 } }, 13),
    event("metrics", { node: "a", step: 2, values: { loss: 0.4 } }, 14),
    event("step", { node: "a", state: "succeeded", outputs: { out: { digest: "d" } } }, 15),
    event("run", { state: "succeeded" }, 16),
  ];
  const view = events.reduce(fold, snapshot(step("a"), step("b")));
  expect(view.steps.get("a")).toMatchObject({
    state: "succeeded",
    started_at: 11,
    finished_at: 15,
  });
  expect(view.progress.get("a")?.share).toBe(0.4);
  expect(view.metrics.get("a")?.map(({ step }) => step)).toEqual([1, 2]);
  expect(view.run).toMatchObject({ state: "succeeded", finished_at: 16 });
  expect(tally(view)).toEqual({ done: 1, all: 2, failed: [] });
});

test("one event changes one step: the others stay the same objects", () => {
  const before = snapshot(step("a"), step("b"));
  const after = fold(before, event("step", { node: "a", state: "running" }));
  expect(after.steps.get("b")).toBe(before.steps.get("b"));
  expect(after.steps.get("a")).not.toBe(before.steps.get("a"));
});

test("events told twice, of other runs, or from before the snapshot change nothing", () => {
  const done = { ...step("a", "succeeded"), started_at: 11, finished_at: 15 };
  const view = fold(snapshot(done), event("step", { node: "a", state: "running" }, 11));
  expect(view.steps.get("a")?.state).toBe("succeeded");
  const once = event("progress", { node: "a", share: 1 });
  const told = fold(view, once);
  expect(fold(told, once)).toBe(told);
  expect(fold(told, { ...event("run", { state: "failed" }), run_id: "other" })).toBe(told);
});

test("the headline of a report is the AUC of its best model", () => {
  const models = [{ metrics: { auc: 0.71 } }, { metrics: { auc: 0.78 } }];
  const outputs = { report: { kind: "report", digest: "d", summary: { models } } };
  const found = { ...step("e"), outputs } as unknown as Schemas["StepItem"];
  expect(headline(found)).toEqual({ name: "AUC", value: 0.78 });
  expect(headline(step("e") as unknown as Schemas["StepItem"])).toBeNull();
});
