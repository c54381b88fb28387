// One artifact on the whole screen, at an address of its own.
import { Anchor, Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useTranslation } from "react-i18next";
import { ArtifactView } from "./artifact/artifact-view";
import classes from "./artifact/artifact.module.css";
import { Refused, Waiting } from "./artifact/refused";
import { artifactOf, downloadAddress } from "./artifacts";
import { formatBytes, formatTime } from "./format";

export default function ArtifactPage({ digest }: { digest: string }) {
  const { t } = useTranslation("results");
  const { data, error } = useQuery(artifactOf(digest));
  if (error) return <Refused error={error} />;
  if (!data) return <Waiting />;
  return (
    <div className={classes.page}>
      <div className={classes.pageHeader}>
        <Button size="xs" variant="default" onClick={() => history.back()}>
          {t("page.back")}
        </Button>
        <h1 className={classes.pageTitle} style={{ color: `var(--kind-${data.kind})` }}>
          {t(`kind.${data.kind}`)}
        </h1>
        <span className={classes.mono} title={digest}>
          {digest.slice(0, 12)}
        </span>
        <span>
          {formatBytes(data.size)} · {formatTime(data.created_at)}
        </span>
        <Anchor href={downloadAddress(digest)} download ml="auto">
          <Download size={14} aria-hidden /> {t("output.download")}
        </Anchor>
      </div>
      <div className={classes.body}>
        <ArtifactView digest={digest} kind={data.kind} name={data.kind} />
      </div>
    </div>
  );
}
