// An artifact, shown as its kind is best looked at.
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import type { DockAction } from "../../model/dock";
import { artifactTable, type Preview, previewOf } from "../artifacts";
import classes from "./artifact.module.css";
import { isFeatureReport } from "../feature-map/report";
import { Refused, Waiting } from "./refused";

const TableView = lazy(() => import("../table/table-view"));
const ReportView = lazy(() => import("../report/report-view"));
const FeatureReportView = lazy(() => import("../feature-map/feature-report-view"));
const AnyReport = lazy(() => import("../report/any-report"));
const FeatureMapView = lazy(() => import("../feature-map/feature-map-view"));
const ModelView = lazy(() => import("../model-view/model-view"));
const BundleView = lazy(() => import("./bundle-view"));
const FilesView = lazy(() => import("./files-view"));

interface Props {
  digest: string;
  kind: string;
  /** Used for files that are downloaded. */
  name: string;
  onAction?: ((action: DockAction) => void) | undefined;
}

export function ArtifactView({ digest, kind, name, onAction }: Props) {
  return (
    <Suspense fallback={<Waiting />}>
      {kind === "table" ? (
        <TableView source={artifactTable(digest, name)} onAction={onAction} />
      ) : (
        <Previewed digest={digest} onAction={onAction} />
      )}
    </Suspense>
  );
}

function Previewed({ digest, onAction }: Pick<Props, "digest" | "onAction">) {
  const { data, error } = useQuery(previewOf(digest));
  if (error) return <Refused error={error} onAction={onAction} />;
  if (!data) return <Waiting />;
  return <div className={classes.padded}>{viewOf(data, digest)}</div>;
}

function viewOf(preview: Preview, digest: string) {
  switch (preview.kind) {
    case "report":
      return reportOf(preview.document);
    case "feature_map":
      return <FeatureMapView document={preview.document} digest={digest} />;
    case "model":
      return <ModelView document={preview.document} arrays={preview.arrays} />;
    case "embedding":
    case "logit":
      return <ModelView document={preview.document} arrays={preview.arrays} />;
    case "examples":
      return <BundleView document={preview.document} arrays={preview.arrays} />;
    case "file":
      return <FilesView files={preview.files} digest={digest} />;
    case "table":
      return null;
  }
}

/** Reports are told apart by what they hold, so that those of others' components are shown, too. */
function reportOf(document: Record<string, unknown>) {
  if (isFeatureReport(document)) return <FeatureReportView document={document} />;
  if (Array.isArray(document.models)) return <ReportView document={document} />;
  return <AnyReport document={document} />;
}
