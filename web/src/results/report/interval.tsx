// A value with its interval on a common scale, drawn: the whisker of a forest plot.
import { formatFixed } from "../format";

interface Props {
  value: number;
  low: number;
  high: number;
  /** The ends of the scale, the same for all that stand one above another. */
  scale: readonly [number, number];
  /** Where a thin line is drawn to compare with, such as 0.5. */
  reference?: number;
  label: string;
  width?: number;
}

export function Interval({ value, low, high, scale, reference, label, width = 120 }: Props) {
  const at = (one: number) => {
    const share = (one - scale[0]) / (scale[1] - scale[0] || 1);
    return 4 + Math.min(Math.max(share, 0), 1) * (width - 8);
  };
  const text = `${label}: ${formatFixed(value)} (${formatFixed(low)} – ${formatFixed(high)})`;
  return (
    <svg width={width} height={16} role="img" aria-label={text} style={{ display: "block" }}>
      {reference !== undefined && reference > scale[0] && reference < scale[1] && (
        <line x1={at(reference)} x2={at(reference)} y1={0} y2={16} stroke="var(--border)" />
      )}
      <line x1={at(low)} x2={at(high)} y1={8} y2={8} stroke="var(--muted)" strokeWidth={1.5} />
      {[low, high].map((end, place) => (
        <line
          key={place}
          x1={at(end)}
          x2={at(end)}
          y1={4}
          y2={12}
          stroke="var(--muted)"
          strokeWidth={1.5}
        />
      ))}
      <circle cx={at(value)} cy={8} r={4} fill="var(--primary)" />
    </svg>
  );
}

/** A scale that holds all intervals, with some air at both ends. */
export function scaleOf(
  items: readonly { low: number; high: number }[],
  limits: readonly [number, number] = [0, 1],
): [number, number] {
  if (!items.length) return [...limits];
  const low = Math.min(...items.map((item) => item.low));
  const high = Math.max(...items.map((item) => item.high));
  const air = (high - low || 0.02) * 0.15;
  return [Math.max(low - air, limits[0]), Math.min(high + air, limits[1])];
}
