// A pipeline as a small picture, drawn from its document.
import { NODE_HEIGHT, NODE_WIDTH, placeOf, type Document, type Specs } from "../model/document";
import { outputOf, specOf } from "../model/connections";

interface Props {
  document: Document;
  specs: Specs;
  label: string;
}

const MARGIN = 40;

export function Thumbnail({ document, specs, label }: Props) {
  const places = document.nodes.map(({ id }) => placeOf(document, id));
  if (!places.length) return <svg viewBox="0 0 320 160" role="img" aria-label={label} />;
  const left = Math.min(...places.map(({ x }) => x)) - MARGIN;
  const top = Math.min(...places.map(({ y }) => y)) - MARGIN;
  const width = Math.max(...places.map(({ x }) => x)) + NODE_WIDTH + MARGIN - left;
  const height = Math.max(...places.map(({ y }) => y)) + NODE_HEIGHT + MARGIN - top;
  return (
    <svg viewBox={`${left} ${top} ${width} ${height}`} role="img" aria-label={label}>
      {document.edges.map(({ source, target }, index) => {
        const from = placeOf(document, source.node);
        const to = placeOf(document, target.node);
        const [x1, y1] = [from.x + NODE_WIDTH / 2, from.y + NODE_HEIGHT];
        const [x2, y2] = [to.x + NODE_WIDTH / 2, to.y];
        const bend = Math.max(40, Math.abs(y2 - y1) / 2);
        const kind = outputOf(specOf(document, specs, source.node), source.port)?.kind ?? "file";
        return (
          <path
            key={index}
            d={`M${x1} ${y1}C${x1} ${y1 + bend} ${x2} ${y2 - bend} ${x2} ${y2}`}
            fill="none"
            stroke={`var(--kind-${kind})`}
            strokeOpacity={0.55}
            strokeWidth={6}
          />
        );
      })}
      {document.nodes.map((node) => {
        const { x, y } = placeOf(document, node.id);
        const spec = specs.get(node.component);
        const kind = (spec?.outputs[0] ?? spec?.inputs[0])?.kind ?? "file";
        return (
          <g key={node.id}>
            <rect
              x={x}
              y={y}
              width={NODE_WIDTH}
              height={NODE_HEIGHT}
              rx={14}
              fill="var(--surface)"
              stroke="var(--border)"
              strokeWidth={4}
            />
            <rect x={x} y={y} width={16} height={NODE_HEIGHT} rx={8} fill={`var(--kind-${kind})`} />
            <rect x={x + 36} y={y + 25} width={120} height={14} rx={7} fill="var(--border)" />
          </g>
        );
      })}
    </svg>
  );
}
