// Draws a Vega-Lite specification: its expressions are interpreted, never compiled, and it loads
// nothing. A chunk of its own, fetched for the first such plot.
import { type Loader, parse, View } from "vega";
import { expressionInterpreter } from "vega-interpreter";
import { compile, type TopLevelSpec } from "vega-lite";
import { readColours } from "../charts/colours";
import type { Draw } from "./draw";

const refuse = () => Promise.reject(new Error("A plot may not load files."));
const loader = { load: refuse, sanitize: refuse, http: refuse, file: refuse } as unknown as Loader;

export const draw: Draw = async (element, plot) => {
  if (plot.kind !== "vega-lite") return () => undefined;
  const { usermeta: _, ...spec } = plot.spec;
  const width = { width: "container", ...spec };
  const { spec: compiled } = compile(width as unknown as TopLevelSpec, { config: themed() });
  let refused: Error | null = null;
  const view = new View(parse(compiled, undefined, { ast: true }), {
    expr: expressionInterpreter,
    loader,
    renderer: "svg",
    container: element,
    hover: true,
    logger: quiet((error) => (refused ??= error)),
  });
  await view.runAsync();
  if (refused !== null) {
    view.finalize();
    throw refused as Error;
  }
  const observer = new ResizeObserver(() => void view.resize().runAsync());
  observer.observe(element);
  return () => {
    observer.disconnect();
    view.finalize();
  };
};

/** What Vega would write to the console: errors are the plot's, the rest is not told. */
function quiet(onError: (error: Error) => void) {
  const logger = {
    level: () => logger,
    error: (...parts: readonly unknown[]) => {
      onError(parts.find((part) => part instanceof Error) ?? new Error(parts.join(" ")));
      return logger;
    },
    warn: () => logger,
    info: () => logger,
    debug: () => logger,
  };
  return logger as never;
}

function themed() {
  const { text, muted, border, font, series } = readColours();
  return {
    background: "transparent",
    font,
    title: { color: text },
    axis: { labelColor: muted, titleColor: muted, gridColor: border, domainColor: border },
    legend: { labelColor: muted, titleColor: muted },
    view: { stroke: border },
    range: { category: series },
  };
}
