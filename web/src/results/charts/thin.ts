// Fewer points that look the same: largest triangles, three buckets (Steinarsson 2013).
type Point = readonly [x: number, y: number, ...rest: unknown[]];

/** At most `limit` of the points, the first and the last always among them. */
export function thin<P extends Point>(points: readonly P[], limit: number): P[] {
  if (points.length <= limit || limit < 3) return [...points];
  const kept: P[] = [points[0]!];
  const size = (points.length - 2) / (limit - 2);
  for (let bucket = 0; bucket < limit - 2; bucket++) {
    const [from, to] = [bounds(bucket, size), bounds(bucket + 1, size)];
    const next = mean(points.slice(to, bounds(bucket + 2, size)), points.at(-1)!);
    kept.push(largest(points.slice(from, to), kept.at(-1)!, next));
  }
  kept.push(points.at(-1)!);
  return kept;
}

const bounds = (bucket: number, size: number) => Math.floor(bucket * size) + 1;

function mean(points: readonly Point[], otherwise: Point): readonly [number, number] {
  if (!points.length) return [otherwise[0], otherwise[1]];
  const sum = (place: 0 | 1) => points.reduce((total, point) => total + point[place], 0);
  return [sum(0) / points.length, sum(1) / points.length];
}

function largest<P extends Point>(
  points: readonly P[],
  before: Point,
  after: readonly number[],
): P {
  let best = { point: points[0]!, area: -1 };
  for (const point of points) {
    const area = Math.abs(
      (before[0] - after[0]!) * (point[1] - before[1]) -
        (before[0] - point[0]) * (after[1]! - before[1]),
    );
    if (area > best.area) best = { point, area };
  }
  return best.point;
}
