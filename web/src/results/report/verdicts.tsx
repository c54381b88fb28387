// Which model is better, said in words, and every pair with its interval.
import { CircleEqual, CircleHelp, Trophy } from "lucide-react";
import { useTranslation } from "react-i18next";
import { formatChance, formatDifference } from "../format";
import type { Comparison, Ranking } from "./document";
import { Interval, scaleOf } from "./interval";
import classes from "./report.module.css";

export function RankingLine({ ranking }: { ranking: Ranking }) {
  const { t, i18n } = useTranslation("results");
  const { order, best, reason } = ranking;
  if (reason === "one_model") return null;
  if (!order || !best) {
    return reason ? <p className={classes.verdict}>{t(`ranking.${reason}`)}</p> : null;
  }
  const list = new Intl.ListFormat(i18n.language === "zh" ? "zh-CN" : "en", {
    type: "conjunction",
  });
  const others = best.filter((name) => name !== order[0]);
  return (
    <p className={classes.verdict}>
      <Trophy size={15} aria-hidden className={classes.award} />
      {others.length
        ? t("ranking.level", { first: order[0], others: list.format(others), count: others.length })
        : t("ranking.clear", { first: order[0] })}
    </p>
  );
}

export function PairsTable({ comparisons }: { comparisons: readonly Comparison[] }) {
  const { t } = useTranslation("results");
  const scale = scaleOf([...comparisons, { low: 0, high: 0 }], [-1, 1]);
  if (!comparisons.length) return null;
  return (
    <div className={classes.scroll}>
      <table className={classes.table}>
        <caption className={classes.tableTitle}>{t("pairs.title")}</caption>
        <thead>
          <tr>
            <th scope="col" className={classes.left}>
              {t("pairs.pair")}
            </th>
            <th scope="col" colSpan={2}>
              {t("pairs.difference")}
            </th>
            <th scope="col">{t("pairs.chance")}</th>
            <th scope="col" className={classes.left}>
              {t("pairs.verdict")}
            </th>
          </tr>
        </thead>
        <tbody>
          {comparisons.map((pair) => (
            <Pair key={pair.models.join("\n")} pair={pair} scale={scale} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Pair({ pair, scale }: { pair: Comparison; scale: readonly [number, number] }) {
  const { t } = useTranslation("results");
  const [first, second] = pair.models;
  const name = t("pairs.against", { second, first });
  return (
    <tr>
      <th scope="row" className={classes.left}>
        {name}
      </th>
      <td>{formatDifference(pair.auc_difference)}</td>
      <td className={classes.whisker}>
        <Interval
          value={pair.auc_difference}
          low={pair.low}
          high={pair.high}
          scale={scale}
          reference={0}
          label={name}
        />
      </td>
      <td>{formatChance(pair.adjusted_p_value)}</td>
      <td className={classes.left}>
        <VerdictText pair={pair} />
      </td>
    </tr>
  );
}

function VerdictText({ pair }: { pair: Comparison }) {
  const { t } = useTranslation("results");
  const Icon = { better: Trophy, not_distinguishable: CircleEqual, too_few_positives: CircleHelp }[
    pair.verdict
  ];
  return (
    <span className={classes.verdictText} data-verdict={pair.verdict}>
      <Icon size={14} aria-hidden />
      {t(`verdict.${pair.verdict}`, { name: pair.better ?? "" })}
    </span>
  );
}
