// Every column of a table as a small drawing: bins of numbers, the most frequent values of the rest.
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Refused, Waiting } from "../artifact/refused";
import { type ColumnStatistics, statisticsOf, type TableSource } from "../artifacts";
import { formatCount, formatNumber, formatShare } from "../format";
import { factsOf } from "./columns";
import classes from "./distributions.module.css";
import { Sparkline } from "./sparkline";

export function Distributions({ source }: { source: TableSource }) {
  const { t } = useTranslation("results");
  const { data, error } = useQuery(statisticsOf(source));
  if (error) return <Refused error={error} />;
  if (!data) return <Waiting />;
  return (
    <div className={classes.view}>
      {data.sample !== null && (
        <p className={classes.note}>{t("table.sampled", { rows: formatCount(data.sample) })}</p>
      )}
      <div className={classes.grid}>
        {data.columns.map((column) => (
          <Column key={column.name} column={column} rows={data.rows} />
        ))}
      </div>
    </div>
  );
}

function Column({ column, rows }: { column: ColumnStatistics; rows: number }) {
  const { t } = useTranslation("results");
  const facts = factsOf(column, rows);
  const { bins, top } = column;
  return (
    <section className={classes.column} aria-label={column.name}>
      <h3 className={classes.name} title={column.name}>
        {column.name}
      </h3>
      <p className={classes.note}>
        {column.type} · {t("table.nulls", { share: facts.nulls })}
        {facts.distinct && ` · ${t("table.distinct", { count: facts.distinct })}`}
      </p>
      {bins ? (
        <>
          <Sparkline
            counts={bins.map((bin) => bin.count)}
            label={t("table.distribution", { name: column.name, range: facts.range ?? "" })}
            width={216}
            height={72}
          />
          <p className={classes.ends}>
            <span>{formatNumber(bins[0]?.from ?? null)}</span>
            <span>
              {facts.mean !== null && t("table.mean", { mean: formatNumber(facts.mean) })}
            </span>
            <span>{formatNumber(bins.at(-1)?.to ?? null)}</span>
          </p>
        </>
      ) : (
        <Top top={top ?? []} rows={rows} />
      )}
    </section>
  );
}

const SHOWN = 5;

function Top({ top, rows }: { top: NonNullable<ColumnStatistics["top"]>; rows: number }) {
  const most = Math.max(...top.map((value) => value.count), 1);
  return (
    <ul className={classes.top}>
      {top.slice(0, SHOWN).map(({ value, count }) => (
        <li key={String(value)}>
          <span className={classes.value} title={String(value)}>
            {String(value)}
          </span>
          <span className={classes.bar} style={{ width: `${(80 * count) / most}px` }} aria-hidden />
          <span className={classes.share}>{formatShare(count / Math.max(rows, 1))}</span>
        </li>
      ))}
    </ul>
  );
}
