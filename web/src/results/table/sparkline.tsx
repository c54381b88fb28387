// The shape of a column's values in twenty bars.
import { barHeights } from "./columns";

interface Props {
  counts: readonly number[];
  label: string;
  width?: number;
  height?: number;
}

export function Sparkline({ counts, label, width = 100, height = 22 }: Props) {
  const step = width / Math.max(counts.length, 1);
  const gap = counts.length > 1 ? 1 : 0;
  return (
    <svg width={width} height={height} role="img" aria-label={label} style={{ display: "block" }}>
      <title>{label}</title>
      {barHeights(counts).map((share, place) => (
        <rect
          key={place}
          x={place * step}
          y={height - share * height}
          width={Math.max(step - gap, 1)}
          height={share * height}
          fill="var(--primary-graphic)"
          opacity={0.75}
        />
      ))}
      <line x1={0} x2={width} y1={height - 0.5} y2={height - 0.5} stroke="var(--border)" />
    </svg>
  );
}
