// The lines that an error came from: the author's own are open, those of libraries are folded.
import { Button } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import classes from "./error-tab.module.css";

type StepFrame = Schemas["StepFrame"];

interface Props {
  frames: readonly StepFrame[];
  /** Opens the code at a line; null where the code cannot be opened. */
  onOpen: ((frame: StepFrame) => void) | null;
}

export function ErrorFrames({ frames, onOpen }: Props) {
  const { t } = useTranslation("editor");
  const [isOpen, setOpen] = useState(false);
  const hidden = frames.filter(({ user }) => !user).length;
  return (
    <div className={classes.traces}>
      {frames
        .filter(({ user }) => user || isOpen)
        .map((frame, index) => (
          <div key={index} className={classes.frame} data-own={frame.user || undefined}>
            <div className={classes.place}>
              <span>{t("error.frame", { ...frame, line: frame.line ?? "?" })}</span>
              {frame.user && frame.line !== null && onOpen && (
                <Button size="compact-xs" variant="subtle" onClick={() => onOpen(frame)}>
                  {t("error.open_code", { line: frame.line })}
                </Button>
              )}
            </div>
            <pre className={classes.line}>{frame.code}</pre>
          </div>
        ))}
      {hidden > 0 && (
        <Button size="compact-xs" variant="subtle" onClick={() => setOpen(!isOpen)}>
          {isOpen ? t("error.fold") : t("error.unfold", { count: hidden })}
        </Button>
      )}
    </div>
  );
}
