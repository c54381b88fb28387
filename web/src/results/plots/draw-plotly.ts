// Draws a figure of Plotly, on white as its author saw it. A chunk of its own, fetched for the
// first such plot. It holds the flat charts; those of three dimensions and maps are refused.
import Plotly from "plotly.js-cartesian-dist-min";
import type { Draw } from "./draw";

const CONFIG = {
  displaylogo: false,
  plotlyServerURL: "",
  showLink: false,
  responsive: true,
  modeBarButtonsToRemove: ["sendDataToCloud"],
};

// The chart types of the bundle; Plotly would draw others as lines without a word.
const KNOWN = new Set([
  "bar",
  "box",
  "contour",
  "heatmap",
  "histogram",
  "histogram2d",
  "histogram2dcontour",
  "image",
  "pie",
  "scatter",
  "scattergl",
  "scatterternary",
  "violin",
]);

export const draw: Draw = async (element, plot) => {
  if (plot.kind !== "plotly") return () => undefined;
  const foreign = plot.data.map(({ type = "scatter" }) => String(type)).find(isForeign);
  if (foreign) throw new Error(foreign);
  const data = plot.data.map((trace) =>
    trace.type === "scattergl" ? { ...trace, type: "scatter" } : trace,
  );
  const layout = { font: { size: 12 }, ...plot.layout, autosize: true };
  await Plotly.newPlot(element, data, layout, CONFIG);
  return () => Plotly.purge(element);
};

const isForeign = (type: string): boolean => !KNOWN.has(type);
