// The confusion matrix at the threshold, with the ratios that people decide by.
import { useTranslation } from "react-i18next";
import { formatCount, formatFixed, formatShare } from "../format";
import { MetricName } from "./overview";
import classes from "./report.module.css";
import { type Decision, ratiosOf } from "./threshold";

interface Props {
  name: string;
  decision: Decision;
}

const CELLS = [
  ["truePositives", "falseNegatives"],
  ["falsePositives", "trueNegatives"],
] as const;
const RIGHT = new Set(["truePositives", "trueNegatives"]);

export function Confusion({ name, decision }: Props) {
  const { t } = useTranslation("results");
  const called = (["called_positive", "called_negative"] as const).map((key) =>
    t(`confusion.${key}`),
  );
  const truth = (["is_positive", "is_negative"] as const).map((key) => t(`confusion.${key}`));
  return (
    <figure className={classes.card}>
      <figcaption>
        <h3 className={classes.cardTitle}>{t("confusion.title")}</h3>
        <p className={classes.cardNote}>
          {t("confusion.note", { name, threshold: formatFixed(decision.threshold, 4) })}
        </p>
      </figcaption>
      <table className={classes.matrix}>
        <thead>
          <tr>
            <td />
            {called.map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {CELLS.map((row, place) => (
            <tr key={truth[place]}>
              <th scope="row">{truth[place]}</th>
              {row.map((cell) => (
                <MatrixCell
                  key={cell}
                  count={decision[cell]}
                  total={decision[row[0]] + decision[row[1]]}
                  right={RIGHT.has(cell)}
                  title={t(`confusion.${cell}`)}
                />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <Ratios decision={decision} />
    </figure>
  );
}

interface CellProps {
  count: number;
  /** Rows of the same class. */
  total: number;
  right: boolean;
  title: string;
}

function MatrixCell({ count, total, right, title }: CellProps) {
  const share = total ? count / total : 0;
  const tone = right ? "var(--ok)" : "var(--danger)";
  const strength = Math.round(6 + share * 26);
  return (
    <td style={{ background: `color-mix(in srgb, ${tone} ${strength}%, var(--surface))` }}>
      <div className={classes.cellName}>{title}</div>
      <div className={classes.cellCount}>{formatCount(count)}</div>
      <div className={classes.cellShare}>{formatShare(share)}</div>
    </td>
  );
}

function Ratios({ decision }: { decision: Decision }) {
  const ratios = ratiosOf(decision);
  const shown = [
    ["precision", formatShare(ratios.precision)],
    ["recall", formatShare(ratios.recall)],
    ["f1", formatFixed(ratios.f1, 3)],
    ["accuracy", formatShare(ratios.accuracy)],
    ["called", formatShare(ratios.called)],
    ["lift", formatFixed(ratios.lift, 2)],
  ] as const;
  return (
    <dl className={classes.ratios}>
      {shown.map(([name, value]) => (
        <div key={name}>
          <dt>
            <MetricName name={name} />
          </dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
