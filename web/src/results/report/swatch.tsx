// How a model is drawn, for legends: its line with its colour, dash and symbol.
import { seriesStyle } from "../charts/colours";

export function Swatch({ place }: { place: number }) {
  const { variable, dash, symbol } = seriesStyle(place);
  return (
    <svg width={28} height={12} aria-hidden style={{ flex: "none", color: variable }}>
      <line
        x1={0}
        x2={28}
        y1={6}
        y2={6}
        stroke="currentColor"
        strokeWidth={2}
        strokeDasharray={dash === "solid" ? undefined : dash.join(" ")}
      />
      <Shape symbol={symbol} />
    </svg>
  );
}

function Shape({ symbol }: { symbol: string }) {
  if (symbol === "rect" || symbol === "roundRect") {
    return <rect x={10} y={2} width={8} height={8} fill="currentColor" />;
  }
  if (symbol === "triangle" || symbol === "arrow") {
    return <path d="M14 1 L19 10 L9 10 Z" fill="currentColor" />;
  }
  if (symbol === "diamond" || symbol === "pin") {
    return <path d="M14 0 L19 6 L14 12 L9 6 Z" fill="currentColor" />;
  }
  return <circle cx={14} cy={6} r={4} fill="currentColor" />;
}
