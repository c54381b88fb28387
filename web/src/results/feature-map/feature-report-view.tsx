// How well a feature map covers a table, field by field, with the label rate of frequent features.
import { useMemo } from "react";
import { Fields } from "./feature-map-view";
import { readFeatureReport } from "./report";

export default function FeatureReportView({ document }: { document: Record<string, unknown> }) {
  return <Fields map={useMemo(() => readFeatureReport(document), [document])} />;
}
