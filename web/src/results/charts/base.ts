// What the options of all charts share: grid, axes, tooltip, reference lines.
import { type Colours, seriesStyle } from "./colours";

export type Option = Record<string, unknown>;

export interface AxisOptions {
  name: string;
  min?: number | "dataMin";
  max?: number | "dataMax";
  format?: (value: number) => string;
  /** Whole numbers only, as for epochs. */
  whole?: boolean;
  log?: boolean;
}

const SIZE = 12;

function axis(options: AxisOptions, colours: Colours, vertical: boolean): Option {
  const { name, min, max, format, whole, log } = options;
  return {
    type: log ? "log" : "value",
    name,
    nameLocation: "middle",
    nameGap: vertical ? 42 : 26,
    nameTextStyle: { color: colours.muted, fontSize: SIZE },
    min,
    max,
    scale: min === undefined,
    minInterval: whole ? 1 : undefined,
    splitNumber: 4,
    interval: min === 0 && max === 1 ? 0.25 : undefined,
    axisLine: { show: true, lineStyle: { color: colours.border } },
    axisTick: { show: false },
    axisLabel: { color: colours.muted, fontSize: SIZE, formatter: format, hideOverlap: true },
    splitLine: { lineStyle: { color: colours.border, opacity: 0.6 } },
  };
}

export function baseOption(x: AxisOptions, y: AxisOptions, colours: Colours): Option {
  return {
    animation: false,
    textStyle: { fontFamily: colours.font, fontSize: SIZE },
    grid: { left: 56, right: 16, top: 20, bottom: 42 },
    xAxis: axis(x, colours, false),
    yAxis: axis(y, colours, true),
    tooltip: {
      trigger: "axis",
      confine: true,
      transitionDuration: 0,
      backgroundColor: colours.surface,
      borderColor: colours.border,
      textStyle: { color: colours.text, fontSize: SIZE },
      axisPointer: { type: "line", lineStyle: { color: colours.muted, type: "dashed" } },
    },
  };
}

/** A straight line to compare with: the diagonal, the base rate, a lift of one. */
export function referenceLine(points: readonly (readonly number[])[], colours: Colours): Option {
  return {
    type: "line",
    data: points,
    symbol: "none",
    silent: true,
    tooltip: { show: false },
    lineStyle: { color: colours.muted, width: 1, type: [4, 4] },
    z: 1,
  };
}

/** A vertical line, such as the threshold, that belongs to a series. */
export function verticalLine(x: number, label: string, colours: Colours): Option {
  return {
    silent: true,
    symbol: "none",
    animation: false,
    lineStyle: { color: colours.text, width: 1.5, type: "solid" },
    label: {
      formatter: label,
      color: colours.text,
      fontSize: SIZE,
      position: "end",
      rotate: 0,
      distance: 4,
    },
    data: [{ xAxis: x }],
  };
}

export function line(place: number, name: string, points: unknown, colours: Colours): Option {
  return {
    type: "line",
    name,
    data: points,
    symbol: "none",
    color: colours.series[place % colours.series.length],
    lineStyle: { width: 2, type: seriesStyle(place).dash },
    emphasis: { disabled: true },
    z: 3,
  };
}

/** Where the threshold lies on a curve. */
export function marker(place: number, name: string, point: unknown, colours: Colours): Option {
  return {
    type: "scatter",
    name,
    data: [point],
    symbol: seriesStyle(place).symbol,
    symbolSize: 11,
    color: colours.series[place % colours.series.length],
    itemStyle: { borderColor: colours.surface, borderWidth: 1.5 },
    tooltip: { show: false },
    silent: true,
    z: 5,
  };
}
