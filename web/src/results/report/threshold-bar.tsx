// One threshold for everything: a slider, the number, and shortcuts to places that mean something.
import { Button, NumberInput, Slider } from "@mantine/core";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { formatFixed } from "../format";
import type { ReportModel } from "./document";
import classes from "./report.module.css";
import { bestThreshold, thresholdRange } from "./threshold";

interface Props {
  models: readonly ReportModel[];
  /** The model that the shortcuts look at. */
  focus: ReportModel;
  threshold: number;
  reported: number;
  onChange(threshold: number): void;
}

export function ThresholdBar({ models, focus, threshold, reported, onChange }: Props) {
  const { t } = useTranslation("results");
  const id = useId();
  const [low, high] = thresholdRange(models);
  const [from, to] = [Math.min(low, reported), Math.max(high, reported)];
  const step = 10 ** Math.floor(Math.log10((to - from) / 200));
  const shortcuts: [string, number | null][] = [
    ["threshold.reported", reported],
    ["threshold.best_f1", bestThreshold(focus, "f1")],
    ["threshold.best_ks", bestThreshold(focus, "ks")],
  ];
  const known = focus.thresholds !== null;
  return (
    <div className={classes.threshold} role="group" aria-labelledby={id}>
      <span id={id} className={classes.thresholdName}>
        {t("threshold.name")}
      </span>
      <Slider
        className={classes.slider}
        min={from}
        max={to}
        step={step}
        value={Math.min(Math.max(threshold, from), to)}
        onChange={onChange}
        label={(value) => formatFixed(value, decimals(step))}
        thumbLabel={t("threshold.name")}
        size="sm"
        disabled={!known}
      />
      <NumberInput
        value={Number(threshold.toFixed(decimals(step)))}
        onChange={(value) => typeof value === "number" && onChange(value)}
        min={0}
        max={1}
        step={step}
        decimalScale={decimals(step)}
        size="xs"
        w={96}
        aria-label={t("threshold.name")}
        disabled={!known}
      />
      {known ? (
        <Button.Group>
          {shortcuts.map(([key, value]) => (
            <Button
              key={key}
              size="compact-xs"
              variant="default"
              disabled={value === null}
              onClick={() => value !== null && onChange(value)}
            >
              {t(key)}
            </Button>
          ))}
        </Button.Group>
      ) : (
        <span className={classes.note}>{t("threshold.unknown")}</span>
      )}
    </div>
  );
}

const decimals = (step: number) => Math.max(2, Math.ceil(-Math.log10(step) - 1e-9));
