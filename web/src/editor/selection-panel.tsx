// Several nodes chosen: what can be done with them together.
import { ActionIcon, Button, Text, Tooltip } from "@mantine/core";
import {
  AlignCenterHorizontal,
  AlignCenterVertical,
  AlignEndHorizontal,
  AlignEndVertical,
  AlignHorizontalSpaceAround,
  AlignStartHorizontal,
  AlignStartVertical,
  AlignVerticalSpaceAround,
} from "lucide-react";
import { useTranslation } from "react-i18next";
import { commandName, findCommand } from "./commands";
import { SharedParameters } from "./shared-parameters";
import { selectedNodes, useEditor } from "./store";
import classes from "./parameter-panel.module.css";

const ALIGNMENTS = [
  ["arrange.left", AlignStartVertical],
  ["arrange.centre", AlignCenterVertical],
  ["arrange.right", AlignEndVertical],
  ["arrange.spread_x", AlignHorizontalSpaceAround],
  ["arrange.top", AlignStartHorizontal],
  ["arrange.middle", AlignCenterHorizontal],
  ["arrange.bottom", AlignEndHorizontal],
  ["arrange.spread_y", AlignVerticalSpaceAround],
] as const;

const ACTIONS = [
  "arrange.tidy",
  "add.frame",
  "edit.disable",
  "edit.pin",
  "edit.duplicate",
  "edit.delete_reconnect",
  "edit.delete",
];

export default function SelectionPanel() {
  const { t } = useTranslation("editor");
  const count = useEditor((state) => selectedNodes(state).length);
  const disabled = useEditor((state) => state.isReadOnly);
  return (
    <div className={classes.panel}>
      <div className={classes.body}>
        <Text fw={600} size="md">
          {t("selection.count", { count })}
        </Text>
        <SharedParameters />
        <h2 className={classes.section}>{t("selection.align")}</h2>
        <div style={{ display: "grid", gridTemplateColumns: "repeat(4, 36px)", gap: 6 }}>
          {ALIGNMENTS.map(([id, Icon]) => {
            const command = findCommand(id);
            return (
              <Tooltip key={id} label={commandName(command)}>
                <ActionIcon
                  size={32}
                  variant="default"
                  disabled={disabled}
                  aria-label={commandName(command)}
                  onClick={command.run}
                >
                  <Icon size={16} />
                </ActionIcon>
              </Tooltip>
            );
          })}
        </div>
        <h2 className={classes.section}>{t("selection.actions")}</h2>
        <div className={classes.fields} style={{ gap: 8 }}>
          {ACTIONS.map((id) => (
            <Button
              key={id}
              size="xs"
              variant="default"
              justify="start"
              disabled={disabled}
              onClick={findCommand(id).run}
            >
              {commandName(findCommand(id))}
            </Button>
          ))}
        </div>
      </div>
    </div>
  );
}
