// The parts of ECharts that are used; loaded when the first chart is drawn, never before.
import { BarChart, LineChart, ScatterChart } from "echarts/charts";
import { GridComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { init, use as register } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

register([
  BarChart,
  GridComponent,
  LineChart,
  MarkLineComponent,
  ScatterChart,
  SVGRenderer,
  TooltipComponent,
]);

/** An SVG chart: sharp at every zoom, and exported as it is seen. */
export function startChart(element: HTMLElement) {
  return init(element, null, { renderer: "svg" });
}

export type ECharts = ReturnType<typeof startChart>;
