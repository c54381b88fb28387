// One field of a feature map: its numbers, or its most frequent values with their label rates.
import { useTranslation } from "react-i18next";
import { formatCount, formatNumber, formatShare } from "../format";
import { SCROLLS } from "../scrolls";
import type { Field } from "./document";
import classes from "./feature-map.module.css";

const SHOWN = 100;

export function FieldDetail({ field, rows }: { field: Field; rows: number }) {
  const { t } = useTranslation("results");
  return (
    <section {...SCROLLS} className={classes.detail} aria-label={field.name}>
      <h3 className={classes.heading}>{field.name}</h3>
      <Facts field={field} />
      {field.values.length > 0 && <Values field={field} rows={rows} />}
      {field.boundaries.length > 0 && (
        <p className={classes.note}>
          {t("fields.boundaries")}: {field.boundaries.map((end) => formatNumber(end)).join(", ")}
        </p>
      )}
    </section>
  );
}

function Facts({ field }: { field: Field }) {
  const { t } = useTranslation("results");
  const { min, max, mean, std } = field.statistics;
  const facts: [string, string | null][] = [
    ["fields.columns", field.isCross ? field.columns.join(" × ") : null],
    ["fields.vocabulary", field.vocabulary === null ? null : formatCount(field.vocabulary)],
    ["fields.used", field.used === null ? null : formatCount(field.used)],
    ["fields.distinct", field.distinct === null ? null : formatCount(field.distinct)],
    ["fields.collisions", field.collisions === null ? null : formatCount(field.collisions)],
    ["fields.transform", field.transform && t(`transform.${field.transform}`)],
    ["fields.range", min === null ? null : `${formatNumber(min)} – ${formatNumber(max)}`],
    ["fields.mean", mean === null ? null : formatNumber(mean)],
    ["fields.std", std === null ? null : formatNumber(std)],
    ["fields.coverage", formatShare(field.coverage)],
    ["fields.unknown", field.unknown === null ? null : formatShare(field.unknown)],
  ];
  return (
    <dl className={classes.facts}>
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

function Values({ field, rows }: { field: Field; rows: number }) {
  const { t } = useTranslation("results");
  const most = Math.max(...field.values.map((value) => value.count), 1);
  const hasRates = field.values.some((value) => value.labelRate !== null);
  const hidden = (field.vocabulary ?? 0) - Math.min(field.values.length, SHOWN);
  return (
    <>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{t("fields.value")}</th>
            <th scope="col">{t("fields.share")}</th>
            <th scope="col" className={classes.right}>
              {t("rows")}
            </th>
            {hasRates && (
              <th scope="col" className={classes.right}>
                {t("fields.label_rate")}
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {field.values.slice(0, SHOWN).map((value) => (
            <tr key={value.text}>
              <td className={classes.value} title={value.text}>
                {value.text}
              </td>
              <td className={classes.share}>
                <span
                  className={classes.bar}
                  style={{ width: `${(72 * value.count) / most}px` }}
                  aria-hidden
                />{" "}
                {formatShare(value.count / Math.max(rows, 1))}
              </td>
              <td className={classes.right}>{formatCount(value.count)}</td>
              {hasRates && <td className={classes.right}>{formatShare(value.labelRate)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
      {hidden > 0 && <p className={classes.note}>{t("fields.more", { count: hidden })}</p>}
    </>
  );
}
