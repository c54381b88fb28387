// What flows into a node: every connected port with the artifact that was on it in the shown run.
import type { DockProps } from "../../model/dock";
import { type Look, lookAt } from "./reason";

export interface Input {
  /** Of the node: `tables`, or `tables 2` where several edges end. */
  label: string;
  port: string;
  source: { node: string; port: string };
  look: Look;
}

export function inputsOf({ sources, steps, run }: Pick<DockProps, "sources" | "steps" | "run">) {
  return Object.entries(sources).flatMap(([port, list]) =>
    list.map((source, place): Input => ({
      label: list.length > 1 ? `${port} ${place + 1}` : port,
      port,
      source,
      look: lookAt({
        hasRun: run !== null,
        step: steps.get(source.node) ?? null,
        port: source.port,
        ports: null,
      }),
    })),
  );
}
