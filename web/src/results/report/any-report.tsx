// A report of a component that is not known here: its numbers, its plots, its lists as tables.
import { useMemo } from "react";
import { formatNumber } from "../format";
import { Plots } from "../plots/plots";
import { takePlots } from "../plots/plot";
import { tablesIn } from "./any-document";
import classes from "./report.module.css";

export default function AnyReport({ document }: { document: Record<string, unknown> }) {
  const { plots, rest } = useMemo(() => takePlots(document), [document]);
  const { facts, tables } = tablesIn(rest);
  return (
    <div className={classes.report}>
      {facts.length > 0 && (
        <section className={classes.block}>
          <dl className={classes.tiles}>
            {facts.map(([name, value]) => (
              <div key={name} className={classes.tile}>
                <dt>{name}</dt>
                <dd className={classes.tileValue}>{written(value)}</dd>
              </div>
            ))}
          </dl>
        </section>
      )}
      <Plots plots={plots} />
      {tables.map(({ name, columns, rows }) => (
        <section key={name} className={classes.block}>
          <div className={classes.scroll}>
            <table className={classes.table}>
              <caption className={classes.tableTitle}>{name}</caption>
              <thead>
                <tr>
                  {columns.map((column) => (
                    <th key={column} scope="col" className={classes.left}>
                      {column}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {rows.map((row, place) => (
                  <tr key={place}>
                    {row.map((value, column) => (
                      <td key={columns[column]} className={classes.left}>
                        {written(value)}
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </section>
      ))}
    </div>
  );
}

function written(value: unknown): string {
  if (value === null || value === undefined) return "–";
  if (typeof value === "number") return formatNumber(value);
  return typeof value === "string" ? value : JSON.stringify(value);
}
