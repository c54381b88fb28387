// Drawers and dialogs of the editor: runs, versions, commands, find, connect, help.
import { Drawer, Modal } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { CommandPalette } from "../editor/command-palette";
import { ConnectDialog } from "../editor/connect-dialog";
import { KeyHelp } from "../editor/key-help";
import { VersionList } from "../editor/version-list";
import { RunsDrawer } from "./runs-drawer";
import { useOpened } from "./use-editor-actions";

export function EditorDialogs({ pipelineId }: { pipelineId: string }) {
  const { t } = useTranslation("editor");
  const opened = useOpened((state) => state.opened);
  const close = () => {
    useOpened.setState({ opened: null });
    requestAnimationFrame(() => document.getElementById("canvas")?.focus());
  };
  return (
    <>
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
    </>
  );
}
