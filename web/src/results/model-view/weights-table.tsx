// How many weights each block holds, and in which arrays.
import { useTranslation } from "react-i18next";
import { formatCount, formatShare } from "../format";
import type { ModelDocument, Weights } from "./document";
import classes from "./model.module.css";

export function WeightsTable({ model }: { model: ModelDocument }) {
  const { t } = useTranslation("results");
  const owners = [...model.blocks.map((block) => block.id), ""].filter((id) =>
    model.weights.has(id),
  );
  const nameOf = (id: string) => {
    const type = model.blocks.find((block) => block.id === id)?.type;
    return type ? t(`block.${type}`, { defaultValue: type }) : t("weights.output");
  };
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col">{t("weights.block")}</th>
          <th scope="col">{t("weights.arrays")}</th>
          <th scope="col" className={classes.right}>
            {t("model_fact.weights")}
          </th>
          <th scope="col" className={classes.right}>
            {t("weights.share")}
          </th>
        </tr>
      </thead>
      <tbody>
        {owners.map((id) => {
          const weights = model.weights.get(id)!;
          const count = weights.reduce((sum, one) => sum + one.count, 0);
          return (
            <tr key={id}>
              <th scope="row">{nameOf(id)}</th>
              <td className={classes.arrays}>{weights.map(arrayText).join(", ")}</td>
              <td className={classes.right}>{formatCount(count)}</td>
              <td className={classes.right}>{formatShare(count / model.total)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

const arrayText = ({ name, shape }: Weights) => `${name} ${shape.join("×") || "1"}`;
