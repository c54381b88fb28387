// What an empty canvas says: three ways to begin.
import { Button, Group, Kbd, Text } from "@mantine/core";
import { LayoutTemplate, Plus } from "lucide-react";
import { Trans, useTranslation } from "react-i18next";
import { navigate } from "../shared/location";
import { openQuickAdd } from "./placing";
import { useEditor } from "./store";
import { screenCentre } from "./viewport";
import classes from "./empty-canvas.module.css";

export function EmptyCanvas() {
  const { t } = useTranslation("editor");
  const isReadOnly = useEditor((state) => state.isReadOnly);
  if (isReadOnly) return null;
  return (
    <div className={classes.empty}>
      <Text fw={600} size="lg">
        {t("empty.title")}
      </Text>
      <Text c="dimmed" ta="center">
        <Trans t={t} i18nKey="empty.text" components={{ key: <Kbd>N</Kbd> }} />
      </Text>
      <Group>
        <Button
          leftSection={<Plus size={15} />}
          onClick={() => {
            const { x, y } = screenCentre();
            openQuickAdd(x, y);
          }}
        >
          {t("empty.add")}
        </Button>
        <Button
          variant="default"
          leftSection={<LayoutTemplate size={15} />}
          onClick={() => navigate("/")}
        >
          {t("empty.templates")}
        </Button>
      </Group>
    </div>
  );
}
