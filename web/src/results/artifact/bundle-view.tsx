// Arrays with a description, such as encoded examples: their shapes, and what they were made of.
import { useTranslation } from "react-i18next";
import { formatCount } from "../format";
import FeatureMapView from "../feature-map/feature-map-view";
import classes from "./artifact.module.css";

export interface ArrayShape {
  shape: number[];
  type: string;
}

interface Props {
  document: Record<string, unknown>;
  arrays: Record<string, unknown>;
}

export default function BundleView({ document, arrays }: Props) {
  const { t } = useTranslation("results");
  return (
    <>
      <h3 className={classes.heading}>{t("arrays.title")}</h3>
      <ArraysTable arrays={arrays} />
      {document.feature_map !== undefined && (
        <>
          <h3 className={classes.heading}>{t("arrays.fields")}</h3>
          <FeatureMapView document={document.feature_map} />
        </>
      )}
    </>
  );
}

export function ArraysTable({ arrays }: { arrays: Record<string, unknown> }) {
  const { t } = useTranslation("results");
  return (
    <table className={classes.plain}>
      <thead>
        <tr>
          <th scope="col">{t("arrays.name")}</th>
          <th scope="col">{t("arrays.type")}</th>
          <th scope="col">{t("arrays.shape")}</th>
        </tr>
      </thead>
      <tbody>
        {Object.entries(arrays as Record<string, ArrayShape>).map(([name, { shape, type }]) => (
          <tr key={name}>
            <td className={classes.mono}>{name}</td>
            <td className={classes.mono}>{type}</td>
            <td>{shape.map(formatCount).join(" × ") || "1"}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
