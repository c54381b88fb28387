// What commands ask of the page around the canvas. The page fills this in when it is shown.
import type { Schemas } from "../api/client";

export type Mode =
  "EXECUTE_ALL" | "EXECUTE_ONE" | "EXECUTE_TO_HERE" | "EXECUTE_FROM_HERE" | "EXECUTE_CHILDREN";

export type Opened = "find" | "connect" | "commands" | "help" | "versions" | "runs" | "parameters";

export interface Actions {
  run(mode: Mode, fresh?: boolean): void;
  resume(run: Schemas["RunItem"]): void;
  stop(): void;
  plan(): void;
  firstError(): void;
  saveVersion(): void;
  open(what: Opened): void;
  openTab(tab: string): void;
  exportFile(): void;
  settings(): void;
}

const nothing = () => {};

export const actions: Actions = {
  run: nothing,
  resume: nothing,
  stop: nothing,
  plan: nothing,
  firstError: nothing,
  saveVersion: nothing,
  open: nothing,
  openTab: nothing,
  exportFile: nothing,
  settings: nothing,
};

export const setActions = (given: Actions): void => void Object.assign(actions, given);
