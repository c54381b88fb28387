// The blocks of a model, drawn as the figure of a paper: fields above, branches, one output below.
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { formatCount } from "../format";
import { blockFacts, type ModelDocument } from "./document";
import { type Box, COMBINE, FIELDS, layOut, OUTPUT } from "./layout";
import classes from "./model.module.css";

export function BlockGraph({ model }: { model: ModelDocument }) {
  const { t } = useTranslation("results");
  const { blocks, heads, combine } = model;
  const drawing = useMemo(() => layOut(blocks, heads, combine !== null), [blocks, heads, combine]);
  const names = blocks.map((block) => blockName(block.type, t)).join(", ");
  return (
    <div className={classes.graph}>
      <svg
        viewBox={`0 0 ${drawing.width} ${drawing.height}`}
        width={drawing.width}
        height={drawing.height}
        style={{ maxWidth: "100%", height: "auto" }}
        role="img"
        aria-label={t("blocks.text", { names })}
      >
        <defs>
          <marker
            id="arrow"
            viewBox="0 0 8 8"
            refX={6}
            refY={4}
            markerWidth={7}
            markerHeight={7}
            orient="auto"
          >
            <path d="M0 0 L8 4 L0 8 Z" fill="var(--muted)" />
          </marker>
        </defs>
        {drawing.links.map(({ from, to, path }) => (
          <path
            key={`${from} ${to}`}
            d={path}
            fill="none"
            stroke="var(--muted)"
            strokeWidth={1.5}
            markerEnd="url(#arrow)"
          />
        ))}
        {drawing.boxes.map((box) => (
          <BlockBox key={box.id} box={box} {...describe(box.id, model, t)} />
        ))}
      </svg>
    </div>
  );
}

interface Described {
  title: string;
  facts: string;
  colour: string;
}

type Translate = (key: string, values?: Record<string, unknown>) => string;

function describe(id: string, model: ModelDocument, t: Translate): Described {
  if (id === FIELDS)
    return { title: t("blocks.fields"), facts: fieldCount(model, t), colour: "feature_map" };
  if (id === COMBINE) {
    return {
      title: t(`blocks.${model.combine}`, { defaultValue: model.combine ?? "" }),
      facts: weightCount(model, "", t),
      colour: "logit",
    };
  }
  if (id === OUTPUT) return { title: t("blocks.output"), facts: "σ(logit)", colour: "model" };
  const block = model.blocks.find((one) => one.id === id)!;
  const facts = [...blockFacts(block), weightCount(model, id, t)].filter(Boolean).join(" · ");
  const colour = block.type === "embedding" ? "embedding" : "logit";
  const { name, component } = block.parameters; // a layer of a package bears its component's name
  const own = [name, component].find((one) => typeof one === "string" && one !== "");
  return { title: (own as string | undefined) || blockName(block.type, t), facts, colour };
}

const blockName = (type: string, t: Translate) => t(`block.${type}`, { defaultValue: type });

function fieldCount(model: ModelDocument, t: Translate): string {
  const { fields, feature_size: size } = model.blocks.find((block) => block.type === "embedding")
    ?.parameters as { fields?: unknown[]; feature_size?: number };
  const shown = Array.isArray(fields) ? cutLength(fields) : 0;
  return t("blocks.field_facts", { fields: formatCount(shown), indices: formatCount(size ?? 0) });
}

/** A list that was cut for a preview ends in how long it was. */
function cutLength(list: readonly unknown[]): number {
  const match = /^… ([\d,]+) in all$/.exec(String(list.at(-1)));
  return match ? Number(match[1]!.replaceAll(",", "")) : list.length;
}

function weightCount(model: ModelDocument, id: string, t: Translate): string {
  const count = (model.weights.get(id) ?? []).reduce((sum, one) => sum + one.count, 0);
  return count || id ? t("blocks.weights", { count, text: formatCount(count) }) : "";
}

function BlockBox({ box, title, facts, colour }: { box: Box } & Described) {
  return (
    <g transform={`translate(${box.x} ${box.y})`}>
      <rect
        width={box.width}
        height={box.height}
        rx={8}
        fill="var(--raised)"
        stroke="var(--border)"
      />
      <rect width={4} height={box.height} rx={2} fill={`var(--kind-${colour})`} />
      <text x={14} y={24} className={classes.boxTitle}>
        {title}
      </text>
      <text x={14} y={43} className={classes.boxFacts}>
        {facts.length > 32 ? `${facts.slice(0, 31)}…` : facts}
        <title>{facts}</title>
      </text>
    </g>
  );
}
