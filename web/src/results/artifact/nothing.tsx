// Nothing to show, why, and what to do about it.
import { Button, Loader } from "@mantine/core";
import { Ban, CircleDashed, CircleX, Clock, FileQuestion, Square } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { DockAction } from "../../model/dock";
import classes from "./artifact.module.css";
import { actionFor, type Reason } from "./reason";

interface Props {
  reason: Reason;
  /** Said below the reason: what failed. */
  detail?: string | null;
  onAction?: ((action: DockAction) => void) | undefined;
}

const ICONS = {
  failed: CircleX,
  unreadable: CircleX,
  skipped: Ban,
  cancelled: Square,
  waiting: Clock,
  purged: FileQuestion,
  no_such_port: FileQuestion,
} as const;

export function Nothing({ reason, detail, onAction }: Props) {
  const { t } = useTranslation("results");
  const Icon = reason in ICONS ? ICONS[reason as keyof typeof ICONS] : CircleDashed;
  const action = actionFor(reason);
  return (
    <div className={classes.nothing} role="status" data-reason={reason}>
      {reason === "running" ? <Loader size={22} /> : <Icon size={22} aria-hidden />}
      <p className={classes.nothingTitle}>{t(`nothing.${reason}.title`)}</p>
      <p className={classes.nothingText}>{detail ?? t(`nothing.${reason}.text`)}</p>
      {action && onAction && (
        <Button size="xs" variant="default" onClick={() => onAction(action)}>
          {t(`nothing.action.${action}`)}
        </Button>
      )}
    </div>
  );
}
