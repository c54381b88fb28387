// The mark of a kind of data: a colour and a shape, so that colour is never alone.
import type { Kind } from "../model/document";

const POINTS: Partial<Record<Kind, string>> = {
  feature_map: "4,1 10,1 13,7 10,13 4,13 1,7",
  embedding: "1,2 13,2 7,13",
  logit: "7,1 13,12 1,12",
  model: "7,0.5 13.5,7 7,13.5 0.5,7",
};

export function PortShape({ kind, size = 14 }: { kind: Kind; size?: number }) {
  const fill = `var(--kind-${kind})`;
  const points = POINTS[kind];
  return (
    <svg width={size} height={size} viewBox="0 0 14 14" aria-hidden className="port-shape">
      {points ? (
        <polygon points={points} fill={fill} />
      ) : kind === "table" ? (
        <circle cx={7} cy={7} r={5.6} fill={fill} />
      ) : kind === "file" ? (
        <rect
          x={2}
          y={2}
          width={10}
          height={10}
          fill="var(--surface)"
          stroke={fill}
          strokeWidth={2}
        />
      ) : (
        <rect
          x={1.6}
          y={1.6}
          width={10.8}
          height={10.8}
          rx={kind === "examples" ? 3.5 : 0}
          fill={fill}
        />
      )}
    </svg>
  );
}
