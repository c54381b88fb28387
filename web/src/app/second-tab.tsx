// A line above the canvas when the same pipeline is edited in another tab, which would be a conflict.
import { CloseButton } from "@mantine/core";
import { Copy } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useOtherTabs } from "./use-other-tabs";
import classes from "./run-banner.module.css";

export function SecondTab({ pipelineId, isEditing }: { pipelineId: string; isEditing: boolean }) {
  const { t } = useTranslation("editor");
  const isOpenTwice = useOtherTabs(pipelineId, isEditing);
  const [isRead, setRead] = useState(false);
  if (!isOpenTwice || isRead) return null;
  return (
    <div className={classes.banner} role="status">
      <Copy size={15} aria-hidden />
      <span>{t("page.second_tab")}</span>
      <span className={classes.space} />
      <CloseButton size="sm" aria-label={t("page.understood")} onClick={() => setRead(true)} />
    </div>
  );
}
