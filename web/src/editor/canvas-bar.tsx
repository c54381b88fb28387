// Buttons on the canvas: zoom, fit, tidy, minimap.
import { ActionIcon, Tooltip } from "@mantine/core";
import { useStore } from "@xyflow/react";
import { Map as MapIcon, Maximize, Minus, Network, Plus, StickyNote } from "lucide-react";
import { useTranslation } from "react-i18next";
import { chordText } from "../shared/keys";
import { commandName, findCommand } from "./commands";
import { useEditor } from "./store";
import { zoomTo } from "./viewport";
import classes from "./canvas-bar.module.css";

export function CanvasBar() {
  const { t } = useTranslation("editor");
  const zoom = useStore((state) => Math.round(state.transform[2] * 100));
  const isReadOnly = useEditor((state) => state.isReadOnly);
  return (
    <div className={classes.bar} role="toolbar" aria-label={t("canvas.toolbar")}>
      <Tool id="view.out">
        <Minus size={15} />
      </Tool>
      <button
        type="button"
        className={classes.zoom}
        title={t("command.view_actual")}
        onClick={() => zoomTo(1)}
      >
        {zoom}%
      </button>
      <Tool id="view.in">
        <Plus size={15} />
      </Tool>
      <span className={classes.line} />
      <Tool id="view.fit">
        <Maximize size={15} />
      </Tool>
      {!isReadOnly && (
        <>
          <Tool id="arrange.tidy">
            <Network size={15} />
          </Tool>
          <Tool id="add.note">
            <StickyNote size={15} />
          </Tool>
        </>
      )}
      <Tool id="view.minimap">
        <MapIcon size={15} />
      </Tool>
    </div>
  );
}

function Tool({ id, children }: { id: string; children: React.ReactNode }) {
  const { i18n } = useTranslation("editor");
  const command = findCommand(id);
  const name = i18n.language && commandName(command);
  const keys = command.keys[0] ? ` (${chordText(command.keys[0]).join(" ")})` : "";
  return (
    <Tooltip label={name + keys} openDelay={300}>
      <ActionIcon size={28} variant="subtle" color="gray" aria-label={name} onClick={command.run}>
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
