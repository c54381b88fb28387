// A model: its blocks as they were compiled, its weights, and how the training went.
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import FeatureMapView from "../feature-map/feature-map-view";
import { formatBytes, formatCount, formatShare } from "../format";
import { TrainingCurves } from "../training/training-curves";
import { BlockGraph } from "./block-graph";
import { type ModelDocument, readModel } from "./document";
import classes from "./model.module.css";
import { WeightsTable } from "./weights-table";

interface Props {
  document: Record<string, unknown>;
  arrays: Record<string, unknown>;
}

export default function ModelView({ document, arrays }: Props) {
  const { t } = useTranslation("results");
  const model = useMemo(() => readModel(document, arrays), [document, arrays]);
  if (!model.blocks.length) return <Foreign document={document} />;
  const { training } = model;
  return (
    <div className={classes.view}>
      <Summary model={model} />
      <div className={classes.columns}>
        <section className={classes.card}>
          <h3 className={classes.heading}>{t("blocks.title")}</h3>
          <BlockGraph model={model} />
        </section>
        <div className={classes.stack}>
          {training && <TrainingCurves points={training.history} best={training.bestEpoch} />}
          {model.total > 0 && (
            <section className={classes.card}>
              <h3 className={classes.heading}>{t("weights.title")}</h3>
              <WeightsTable model={model} />
            </section>
          )}
          {training && training.settings.length > 0 && <Settings model={model} />}
        </div>
      </div>
      {model.featureMap !== null && (
        <section>
          <h3 className={classes.heading}>{t("blocks.features")}</h3>
          <FeatureMapView document={model.featureMap} />
        </section>
      )}
    </div>
  );
}

function Summary({ model }: { model: ModelDocument }) {
  const { t } = useTranslation("results");
  const { training } = model;
  const embedding = model.blocks.find((block) => block.type === "embedding")?.parameters;
  const best = training?.history.find((point) => point.step === training.bestEpoch);
  const facts: [string, string | null][] = [
    ["model_fact.weights", model.total ? formatCount(model.total) : null],
    ["model_fact.bytes", model.total ? formatBytes(model.bytes) : null],
    ["model_fact.embedding", embedding ? embeddingSize(embedding) : null],
    ["model_fact.best_epoch", training?.bestEpoch ? String(training.bestEpoch) : null],
    ["model_fact.validation_auc", best?.values.validation_auc?.toFixed(4) ?? null],
    ["model_fact.rows", training?.rows ? formatCount(training.rows) : null],
    ["model_fact.base_rate", training?.baseRate ? formatShare(training.baseRate) : null],
    ["model_fact.steps", training?.steps ? formatCount(training.steps) : null],
  ];
  return (
    <dl className={classes.summary}>
      {facts.map(
        ([key, value]) =>
          value !== null && (
            <div key={key}>
              <dt>{t(key)}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

function embeddingSize(parameters: Record<string, unknown>): string | null {
  const { feature_size: size, dimension } = parameters;
  return typeof size === "number" && typeof dimension === "number"
    ? `${formatCount(size)} × ${dimension}`
    : null;
}

function Settings({ model }: { model: ModelDocument }) {
  const { t } = useTranslation("results");
  const written = (value: unknown) => (value === null ? "–" : String(value));
  return (
    <section className={classes.card}>
      <h3 className={classes.heading}>{t("model_fact.settings")}</h3>
      <dl className={classes.settings}>
        {model.training!.settings.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{written(value)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** A model of another kind: its document as it is. */
function Foreign({ document }: { document: unknown }) {
  return <pre className={classes.foreign}>{JSON.stringify(document, null, 2)}</pre>;
}
