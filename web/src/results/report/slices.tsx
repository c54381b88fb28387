// The quality within parts of the rows, by the values of a column.
import { useTranslation } from "react-i18next";
import { formatCount, formatFixed, formatShare } from "../format";
import type { ReportModel, Slice } from "./document";
import { Interval, scaleOf } from "./interval";
import { MetricName } from "./overview";
import classes from "./report.module.css";

interface Props {
  model: ReportModel;
  column: string | null;
}

export function Slices({ model, column }: Props) {
  const { t } = useTranslation("results");
  if (!model.slices.length) return null;
  const bounded = model.slices.flatMap((slice) => boundsOf(slice) ?? []);
  const scale = scaleOf(bounded);
  return (
    <div className={classes.scroll}>
      <table className={classes.table}>
        <caption className={classes.tableTitle}>
          {t("slices.title", { column: column ?? "", name: model.name })}
        </caption>
        <thead>
          <tr>
            <th scope="col" className={classes.left}>
              {column ?? t("slices.value")}
            </th>
            <th scope="col">{t("rows")}</th>
            <th scope="col">
              <MetricName name="base_rate" />
            </th>
            <th scope="col">{t("axis.mean_score")}</th>
            {["auc", "normalised_entropy", "calibration"].map((name) => (
              <th key={name} scope="col" colSpan={name === "auc" ? 2 : 1}>
                <MetricName name={name} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {model.slices.map((slice) => (
            <Row key={slice.value} slice={slice} scale={scale} overall={model.metrics.auc} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps {
  slice: Slice;
  scale: readonly [number, number];
  /** The AUC of all rows, drawn as a line to compare with. */
  overall: number | undefined;
}

function Row({ slice, scale, overall }: RowProps) {
  const bounds = boundsOf(slice);
  return (
    <tr>
      <th scope="row" className={classes.left}>
        {slice.value}
      </th>
      <td>{formatCount(slice.rows)}</td>
      <td>{formatShare(slice.base_rate)}</td>
      <td>{formatShare(slice.mean_score)}</td>
      <td>{formatFixed(slice.auc)}</td>
      <td className={classes.whisker}>
        {bounds && (
          <Interval
            {...bounds}
            value={slice.auc!}
            scale={scale}
            reference={overall}
            label={slice.value}
            width={110}
          />
        )}
      </td>
      <td>{formatFixed(slice.normalised_entropy, 3)}</td>
      <td>{formatFixed(slice.calibration, 3)}</td>
    </tr>
  );
}

function boundsOf(slice: Slice): { low: number; high: number } | null {
  return slice.auc_low === null || slice.auc_high === null
    ? null
    : { low: slice.auc_low, high: slice.auc_high };
}
