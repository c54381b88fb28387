// The stored versions of a pipeline: what changed to the draft, and the way back.
import { Button, Group, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../api/client";
import { diffDocuments } from "../model/diff";
import { fill, type Document } from "../model/document";
import { formatTime } from "../shared/format";
import { DiffLine } from "./conflict-dialog";
import { restoreVersion, useSaver } from "./saver";
import { load, present, useEditor } from "./store";

interface Version {
  version: number;
  note: string;
  created_at: number;
}

interface Props {
  pipelineId: string;
  onRestored(): void;
}

export default function VersionList({ pipelineId, onRestored }: Props) {
  const { t } = useTranslation("editor");
  const base = useSaver((state) => state.baseVersion);
  const { data: list } = useQuery({
    queryKey: ["versions", pipelineId, base],
    queryFn: () => call<{ versions: Version[] }>("GET", `/pipelines/${pipelineId}/versions`),
  });
  const [open, setOpen] = useState<number | null>(null);
  const restore = async (version: number) => {
    load(pipelineId, await restoreVersion(version));
    onRestored();
  };
  return (list?.data.versions ?? []).map(({ version, note, created_at }) => (
    <section key={version} style={{ padding: "8px 0", borderTop: "1px solid var(--border)" }}>
      <Group gap="sm" wrap="nowrap">
        <Text fw={600}>{t("versions.version", { version })}</Text>
        <Text size="xs" c="dimmed" flex={1}>
          {formatTime(created_at)}
          {version === base ? ` · ${t("versions.base")}` : ""}
        </Text>
        <Button
          size="compact-xs"
          variant="subtle"
          onClick={() => setOpen(open === version ? null : version)}
        >
          {t("versions.diff")}
        </Button>
        <Button size="compact-xs" variant="default" onClick={() => void restore(version)}>
          {t("versions.restore")}
        </Button>
      </Group>
      {note && <Text size="sm">{note}</Text>}
      {open === version && <Diff pipelineId={pipelineId} version={version} />}
    </section>
  ));
}

function Diff({ pipelineId, version }: { pipelineId: string; version: number }) {
  const { t } = useTranslation("editor");
  const now = useEditor(present);
  const { data: stored } = useQuery({
    queryKey: ["version", pipelineId, version],
    queryFn: () =>
      call<{ document: Document }>("GET", `/pipelines/${pipelineId}/versions/${version}`),
  });
  if (!stored) return null;
  const changes = diffDocuments(fill(stored.data.document), now);
  if (!changes.length) return <Text c="dimmed">{t("versions.same")}</Text>;
  return changes.map((change, index) => <DiffLine key={index} change={change} />);
}
