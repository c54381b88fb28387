// The plots of a report, one under another: pictures as they are, data drawn when it is seen.
import { Skeleton, useComputedColorScheme } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { DRAWERS } from "./draw";
import type { Plot } from "./plot";
import classes from "./plots.module.css";

export function Plots({ plots }: { plots: readonly Plot[] }) {
  const { t } = useTranslation("results");
  return plots.map((plot, place) => {
    const name = plot.title || t("plots.untitled", { number: place + 1 });
    return (
      <figure key={place} className={classes.figure}>
        <figcaption className={classes.title}>{name}</figcaption>
        <OnePlot plot={plot} name={name} />
      </figure>
    );
  });
}

function OnePlot({ plot, name }: { plot: Plot; name: string }) {
  const { t } = useTranslation("results");
  switch (plot.kind) {
    case "image":
      return <img className={classes.picture} src={plot.source} alt={name} />;
    case "refused":
      return <p className={classes.refused}>{t(`plots.${plot.reason}`)}</p>;
    default:
      return <Drawn plot={plot} name={name} />;
  }
}

type Data = Extract<Plot, { kind: "vega-lite" | "plotly" }>;

function Drawn({ plot, name }: { plot: Data; name: string }) {
  const { t } = useTranslation("results");
  const scheme = useComputedColorScheme("light");
  const element = useRef<HTMLDivElement>(null);
  const [error, setError] = useState<string | null>(null);
  const [isDrawn, setDrawn] = useState(false);

  useEffect(() => {
    const target = element.current!;
    let clear: (() => void) | null = null;
    let gone = false;
    setError(null);
    DRAWERS[plot.kind]()
      .then(({ draw }) => (gone ? () => undefined : draw(target, plot)))
      .then((undo) => {
        clear = undo;
        if (gone) undo();
        else setDrawn(true);
      })
      .catch((reason: unknown) => gone || setError((reason as Error).message));
    return () => {
      gone = true;
      clear?.();
    };
  }, [plot, scheme]);

  if (error !== null)
    return <p className={classes.refused}>{t(`plots.failed_${plot.kind}`, { error })}</p>;
  return (
    <div className={classes.frame} data-kind={plot.kind}>
      {!isDrawn && <Skeleton height={280} radius="sm" animate={false} />}
      <div ref={element} role="img" aria-label={name} className={classes.drawing} />
    </div>
  );
}
