// Whether what is drawn is safe.
import { CloudAlert, CloudCheck, CloudOff, CloudUpload } from "lucide-react";
import { useTranslation } from "react-i18next";
import { formatTime } from "../shared/format";
import { useSaver } from "./saver";
import classes from "./save-status.module.css";

const ICONS = {
  saved: CloudCheck,
  changed: CloudUpload,
  saving: CloudUpload,
  away: CloudOff,
  conflict: CloudAlert,
};

export function SaveStatus() {
  const { t } = useTranslation("editor");
  const { state, savedAt } = useSaver();
  const Icon = ICONS[state];
  const time = savedAt ? formatTime(savedAt) : "";
  return (
    <span className={classes.status} data-state={state} role="status">
      <Icon size={15} aria-hidden />
      <span>{t(`save.${state}`, { time })}</span>
    </span>
  );
}
