// Somebody else saved this pipeline meanwhile: nothing is overwritten before a person decides.
import { Button, Code, Group, Modal, ScrollArea, Stack, Text } from "@mantine/core";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { diffDocuments, type Change } from "../model/diff";
import { fill } from "../model/document";
import { navigate } from "../shared/location";
import { keepMineAsCopy, takeTheirs, useSaver } from "./saver";
import { load, present, useEditor } from "./store";

export default function ConflictDialog() {
  const { t } = useTranslation("editor");
  const { state, theirs } = useSaver();
  const [showsDiff, setShowsDiff] = useState(false);
  const mine = useEditor(present);
  const changes = useMemo(
    () => (theirs ? diffDocuments(fill(theirs.document), mine) : []),
    [theirs, mine],
  );
  if (state !== "conflict") return null;
  const copy = async () => {
    const id = await keepMineAsCopy(t("conflict.copy_name", { name: mine.name }));
    navigate(`/p/${id}`);
  };
  const take = async () => {
    const document = await takeTheirs();
    load(useEditor.getState().pipelineId, document);
  };
  return (
    <Modal
      opened
      onClose={() => {}}
      withCloseButton={false}
      title={t("conflict.title")}
      size="lg"
      closeOnEscape={false}
    >
      <Stack>
        <Text>{t("conflict.text")}</Text>
        {showsDiff && (
          <ScrollArea.Autosize mah={280}>
            {changes.map((change, index) => (
              <DiffLine key={index} change={change} />
            ))}
            {!changes.length && <Text c="dimmed">{t("conflict.same")}</Text>}
          </ScrollArea.Autosize>
        )}
        <Group>
          <Button onClick={() => void copy()}>{t("conflict.copy")}</Button>
          <Button variant="default" onClick={() => void take()}>
            {t("conflict.take")}
          </Button>
          <Button variant="subtle" onClick={() => setShowsDiff(!showsDiff)}>
            {t("conflict.diff", { count: changes.length })}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

export function DiffLine({ change }: { change: Change }) {
  const { t } = useTranslation("editor");
  return (
    <Text size="sm" py={3}>
      {t(`diff.${change.what}`, { name: change.name })}
      {change.before !== undefined && (
        <>
          {" "}
          <Code>{JSON.stringify(change.before)}</Code> → <Code>{JSON.stringify(change.after)}</Code>
        </>
      )}
    </Text>
  );
}
