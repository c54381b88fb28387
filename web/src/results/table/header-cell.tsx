// The head of a column: name, type and role, order, and what its values look like.
import { ArrowDown, ArrowUp, ArrowUpDown } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { ColumnStatistics } from "../artifacts";
import { formatCount, formatNumber } from "../format";
import { factsOf } from "./columns";
import type { Order } from "./rows-query";
import { Sparkline } from "./sparkline";
import classes from "./table.module.css";

interface Props {
  column: { name: string; type: string; role?: string | null };
  statistics: ColumnStatistics | null;
  rows: number;
  order: Order | null;
  onOrder(): void;
}

export function HeaderCell({ column, statistics, rows, order, onOrder }: Props) {
  const { t } = useTranslation("results");
  const isOrdered = order?.column === column.name;
  const Icon = !isOrdered ? ArrowUpDown : order.descending ? ArrowDown : ArrowUp;
  return (
    <>
      <button
        type="button"
        className={classes.order}
        data-on={isOrdered || undefined}
        title={column.name}
        aria-label={t("table.order_by", { name: column.name })}
        onClick={onOrder}
      >
        <span className={classes.name}>{column.name}</span>
        <Icon size={13} aria-hidden />
      </button>
      <div className={classes.type}>
        {column.type}
        {column.role && <span className={classes.role}>{t(`role.${column.role}`)}</span>}
      </div>
      {statistics && <Facts statistics={statistics} rows={rows} />}
    </>
  );
}

function Facts({ statistics, rows }: { statistics: ColumnStatistics; rows: number }) {
  const { t } = useTranslation("results");
  const facts = factsOf(statistics, rows);
  const { bins, top, name } = statistics;
  return (
    <div className={classes.facts}>
      {bins ? (
        <Sparkline
          counts={bins.map((bin) => bin.count)}
          label={t("table.distribution", { name, range: facts.range ?? "" })}
        />
      ) : (
        <Top top={top} rows={rows} />
      )}
      <div className={classes.fact}>
        {facts.mean === null
          ? facts.range
          : t("table.range_mean", { range: facts.range, mean: formatNumber(facts.mean, 4) })}
      </div>
      <div className={classes.fact}>
        {t("table.nulls", { share: facts.nulls })}
        {facts.distinct && ` · ${t("table.distinct", { count: facts.distinct })}`}
      </div>
    </div>
  );
}

/** The most frequent values as bars: a share of all rows each. */
function Top({ top, rows }: { top: ColumnStatistics["top"]; rows: number }) {
  if (!top?.length) return <div className={classes.top} />;
  return (
    <div className={classes.top}>
      {top.slice(0, 2).map(({ value, count }) => (
        <div key={String(value)} className={classes.topValue} title={formatCount(count)}>
          <span style={{ width: `${(100 * count) / Math.max(rows, 1)}%` }} />
          {String(value)}
        </div>
      ))}
    </div>
  );
}
