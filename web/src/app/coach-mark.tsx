// The one hint of the first visit, at the Run button; once read it never comes again.
import { Button, Popover, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { chordText } from "../shared/keys";
import { useRun } from "../editor/run-store";
import { present, useEditor } from "../editor/store";
import { prefer, usePreferences } from "../shared/preferences";

export function CoachMark({ children }: { children: ReactNode }) {
  const { t } = useTranslation("editor");
  const hasRead = usePreferences((state) => state.hasReadCoach);
  const hasNodes = useEditor((state) => present(state).nodes.length > 0 && !state.isReadOnly);
  const hasRun = useRun((state) => state.view !== null);
  return (
    <Popover
      opened={!hasRead && hasNodes && !hasRun}
      position="bottom-end"
      withArrow
      width={280}
      trapFocus={false}
      withRoles={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
    >
      <Popover.Target>{children}</Popover.Target>
      <Popover.Dropdown role="note">
        <Text size="sm">{t("coach.run", { keys: chordText("Mod+Enter").join(" ") })}</Text>
        <Button size="compact-xs" variant="default" mt={8} onClick={read}>
          {t("page.understood")}
        </Button>
      </Popover.Dropdown>
    </Popover>
  );
}

/** Also when a run was started without it. */
export const read = (): void => prefer({ hasReadCoach: true });
