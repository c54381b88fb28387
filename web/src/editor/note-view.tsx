// A note: words on the canvas.
import type { NodeProps } from "@xyflow/react";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import { changeAt, setLayout } from "../model/document";
import type { NoteNode } from "./flow";
import { edit, useEditor } from "./store";
import classes from "./note-view.module.css";

export const NoteView = memo(function NoteView({ id, data, selected }: NodeProps<NoteNode>) {
  const { t } = useTranslation("editor");
  const isReadOnly = useEditor((state) => state.isReadOnly);
  const { note, index } = data;
  const isEmpty = note.text === "";
  return (
    <div className={classes.note} data-selected={selected || undefined}>
      <textarea
        className={selected ? "nodrag nowheel" : ""}
        value={note.text}
        readOnly={isReadOnly || !selected}
        placeholder={isEmpty ? t("note.placeholder") : undefined}
        aria-label={t("note.label")}
        onChange={({ target }) =>
          edit(
            (document) =>
              setLayout(document, {
                notes: changeAt(document.layout.notes, index, { text: target.value }),
              }),
            id,
          )
        }
        onKeyDown={(event) => event.stopPropagation()}
      />
    </div>
  );
});
