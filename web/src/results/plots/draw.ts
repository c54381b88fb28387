// How a plot that is data becomes a picture in an element.
import type { Plot } from "./plot";

/** Gives what takes the picture away again; throws with the reason where it cannot be drawn. */
export type Draw = (element: HTMLElement, plot: Plot) => Promise<() => void>;

export const DRAWERS: Record<"vega-lite" | "plotly", () => Promise<{ draw: Draw }>> = {
  "vega-lite": () => import("./draw-vega"),
  plotly: () => import("./draw-plotly"),
};
