// Why a tab has nothing to show, and the way out.
import { Button, Center, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Run, Step } from "../model/run-state";
import { actions } from "./actions";

interface Props {
  node: string | null;
  run: Run | null;
  step: Step | null;
}

export function DockEmpty({ node, run, step }: Props) {
  const { t } = useTranslation("editor");
  const reason = !node ? "no_node" : !run ? "no_run" : !step ? "not_in_run" : "not_yet";
  return (
    <Center h="100%" p="md">
      <Stack align="center" gap="sm">
        <Text c="dimmed">{t(`dock_empty.${reason}`)}</Text>
        {node && reason !== "not_yet" && (
          <Button size="xs" variant="default" onClick={() => actions.run("EXECUTE_TO_HERE")}>
            {t("command.run_to_here")}
          </Button>
        )}
      </Stack>
    </Center>
  );
}
