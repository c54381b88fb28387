// Colours of charts: the page's own variables, so that a chart follows the theme.
export interface Colours {
  text: string;
  muted: string;
  border: string;
  surface: string;
  font: string;
  series: string[];
}

const SERIES = [
  "--state-running",
  "--kind-feature_map",
  "--kind-embedding",
  "--kind-report",
  "--kind-model",
  "--state-succeeded",
  "--state-failed",
  "--state-cancelled",
];

export function readColours(): Colours {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string) => style.getPropertyValue(name).trim();
  return {
    text: read("--text"),
    muted: read("--muted"),
    border: read("--border"),
    surface: read("--surface"),
    font: read("--font"),
    series: SERIES.map(read),
  };
}

// Lines are told apart by dash and symbol, too, never by colour alone.
const DASHES = ["solid", [7, 4], [2, 3], [9, 3, 2, 3], [14, 4], [4, 2], [1, 5], [9, 3, 2, 3, 2, 3]];
const SYMBOLS = ["circle", "rect", "triangle", "diamond", "pin", "arrow", "roundRect", "circle"];

/** How the n-th series looks, in charts and in legends. */
export function seriesStyle(place: number) {
  const n = place % SERIES.length;
  return {
    variable: `var(${SERIES[n]})`,
    dash: DASHES[n] as "solid" | number[],
    symbol: SYMBOLS[n]!,
  };
}
