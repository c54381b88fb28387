// Every state of a step has its own reason, and where something can be done, the way to do it.
import { describe, expect, test } from "vitest";
import type { Schemas } from "../../api/client";
import { actionFor, lookAt } from "./reason";

type Step = Schemas["StepItem"];

const step = (state: Step["state"], outputs: Step["outputs"] = {}) =>
  ({ state, outputs }) as unknown as Step;
const table = { digest: "d", kind: "table", size: 1, summary: {} } as Schemas["StepOutput"];

describe("a port without data", () => {
  test.each([
    ["waiting", "waiting", null],
    ["queued", "waiting", null],
    ["running", "running", null],
    ["failed", "failed", "show_error"],
    ["skipped", "skipped", "show_error"],
    ["cancelled", "cancelled", "run_to_here"],
    ["succeeded", "no_output", "run_to_here"],
  ] as const)("of a step that is %s says %s and offers %s", (state, reason, action) => {
    const look = lookAt({ hasRun: true, step: step(state), port: "table", ports: ["table"] });
    expect(look).toEqual({ reason });
    expect(actionFor(reason)).toBe(action);
  });
});

test("before any run it says so", () => {
  expect(lookAt({ hasRun: false, step: null, port: "table", ports: ["table"] })).toEqual({
    reason: "not_run",
  });
});

test("a node that was added after the run is not part of it", () => {
  expect(lookAt({ hasRun: true, step: null, port: "table", ports: null })).toEqual({
    reason: "not_part",
  });
});

test("a port that the component does not have, and a component without ports", () => {
  const asked = { hasRun: true, step: step("succeeded", { table }) };
  expect(lookAt({ ...asked, port: "gone", ports: ["table"] })).toEqual({ reason: "no_such_port" });
  expect(lookAt({ ...asked, port: null, ports: [] })).toEqual({ reason: "no_ports" });
});

test("what is there is shown, stale or not", () => {
  const asked = { hasRun: true, step: step("reused", { table }), port: "table", ports: ["table"] };
  expect(lookAt(asked)).toEqual({ output: table, stale: false });
  expect(lookAt({ ...asked, stale: true })).toEqual({ output: table, stale: true });
});
