// Drawers and dialogs of the editor: runs, versions, commands, find, connect, help.
import { Drawer, Modal } from "@mantine/core";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { useOpened } from "./use-editor-actions";

const CommandPalette = lazy(() => import("../editor/command-palette"));
const ConnectDialog = lazy(() => import("../editor/connect-dialog"));
const KeyHelp = lazy(() => import("../editor/key-help"));
const VersionList = lazy(() => import("../editor/version-list"));
const RunsDrawer = lazy(() => import("./runs-drawer"));

export function EditorDialogs({ pipelineId }: { pipelineId: string }) {
  const { t } = useTranslation("editor");
  const opened = useOpened((state) => state.opened);
  const close = () => {
    useOpened.setState({ opened: null });
    requestAnimationFrame(() => document.getElementById("canvas")?.focus());
  };
  return (
    <Suspense>
      <Drawer
        opened={opened === "runs"}
        onClose={close}
        position="right"
        size={420}
        title={t("command.general_runs")}
      >
        <RunsDrawer pipelineId={pipelineId} />
      </Drawer>
      <Drawer
        opened={opened === "versions"}
        onClose={close}
        position="right"
        size={420}
        title={t("command.general_versions")}
      >
        <VersionList pipelineId={pipelineId} onRestored={close} />
      </Drawer>
      {(opened === "commands" || opened === "find") && (
        <CommandPalette onlyNodes={opened === "find"} onClose={close} />
      )}
      {opened === "connect" && <ConnectDialog onClose={close} />}
      <Modal opened={opened === "help"} onClose={close} title={t("help.title")} size={820}>
        <KeyHelp />
      </Modal>
    </Suspense>
  );
}
