// Rows and columns of a table, of which only those in view are in the page.
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Page, Statistics, TableSource } from "../artifacts";
import { SCROLLS } from "../scrolls";
import { alignOf, cellText, widthOf } from "./columns";
import { HeaderCell } from "./header-cell";
import { nextOrder, type RowsAsked } from "./rows-query";
import classes from "./table.module.css";
import { useRows } from "./use-rows";

const ROW_HEIGHT = 26;
const NUMBER_WIDTH = 56;

interface Props {
  source: TableSource;
  first: Page;
  statistics: Statistics | null;
  asked: RowsAsked;
  onAsk(asked: RowsAsked): void;
}

export function Grid({ source, first, statistics, asked, onAsk }: Props) {
  const { t } = useTranslation("results");
  const scroller = useRef<HTMLDivElement>(null);
  const { columns, total } = first;
  const widths = useMemo(() => columns.map(({ name, type }) => widthOf(name, type)), [columns]);
  const known = useMemo(
    () => new Map(statistics?.columns.map((column) => [column.name, column])),
    [statistics],
  );
  const rows = useVirtualizer({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 10,
  });
  const across = useVirtualizer({
    horizontal: true,
    count: columns.length,
    getScrollElement: () => scroller.current,
    estimateSize: (place) => widths[place] ?? 160,
    overscan: 3,
  });
  useEffect(() => {
    void scroller.current?.scrollTo({ top: 0 });
  }, [asked]);
  const inView = rows.getVirtualItems();
  const shown = across.getVirtualItems();
  const rowAt = useRows(source, asked, inView[0]?.index ?? 0, inView.at(-1)?.index ?? 0);
  const width = across.getTotalSize() + NUMBER_WIDTH;
  return (
    <div
      {...SCROLLS}
      className={classes.scroller}
      ref={scroller}
      aria-label={t("table.rows_of", { name: source.name })}
    >
      <div
        role="table"
        aria-label={source.name}
        aria-rowcount={total + 1}
        aria-colcount={columns.length}
        style={{ width, minWidth: "100%" }}
      >
        <div role="rowgroup" className={classes.head}>
          <div role="row" aria-rowindex={1} className={classes.headRow}>
            {shown.map(({ index, start, size }) => {
              const column = columns[index]!;
              const { order } = asked;
              const direction = order?.descending ? "descending" : "ascending";
              return (
                <div
                  key={column.name}
                  role="columnheader"
                  aria-colindex={index + 1}
                  aria-sort={order?.column === column.name ? direction : "none"}
                  className={classes.headCell}
                  style={{ left: start + NUMBER_WIDTH, width: size }}
                >
                  <HeaderCell
                    column={column}
                    statistics={known.get(column.name) ?? null}
                    rows={statistics?.rows ?? total}
                    order={order}
                    onOrder={() => onAsk({ ...asked, order: nextOrder(order, column.name) })}
                  />
                </div>
              );
            })}
          </div>
        </div>
        <div role="rowgroup" style={{ height: rows.getTotalSize(), position: "relative" }}>
          {inView.map((row) => {
            const values = rowAt(row.index);
            return (
              <div
                key={row.index}
                role="row"
                aria-rowindex={row.index + 2}
                className={classes.row}
                style={{ top: row.start, height: ROW_HEIGHT, width }}
              >
                <span className={classes.number} style={{ width: NUMBER_WIDTH }} aria-hidden>
                  {row.index + 1}
                </span>
                {shown.map(({ index, start, size }) => (
                  <Value
                    key={index}
                    value={values?.[index]}
                    isHere={values !== null}
                    column={index}
                    left={start + NUMBER_WIDTH}
                    width={size}
                    align={alignOf(columns[index]!.type)}
                  />
                ))}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

interface ValueProps {
  value: unknown;
  isHere: boolean;
  column: number;
  left: number;
  width: number;
  align: "left" | "right";
}

function Value({ value, isHere, column, left, width, align }: ValueProps) {
  const { t } = useTranslation("results");
  const text = isHere ? cellText(value) : "…";
  return (
    <span
      role="cell"
      aria-colindex={column + 1}
      className={classes.value}
      data-null={text === null || undefined}
      style={{ left, width, textAlign: align }}
      title={text && text.length > 16 ? text : undefined}
    >
      {text ?? t("table.null")}
    </span>
  );
}
