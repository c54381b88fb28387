// The title of a node; F2 or a double click turns it into a field.
import { useEffect, useRef } from "react";
import { changeNode } from "../model/document";
import { isComposing } from "../shared/keys";
import { edit, useEditor } from "./store";
import classes from "./node-view.module.css";

export function NodeTitle({ id, title }: { id: string; title: string }) {
  const isRenaming = useEditor((state) => state.renaming === id);
  const isReadOnly = useEditor((state) => state.isReadOnly);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (isRenaming) field.current?.select();
  }, [isRenaming]);
  if (!isRenaming) {
    return (
      <span
        className={classes.title}
        title={title}
        onDoubleClick={(event) => {
          event.stopPropagation();
          if (!isReadOnly) useEditor.setState({ renaming: id });
        }}
      >
        {title}
      </span>
    );
  }
  const close = (name: string | null) => {
    useEditor.setState({ renaming: null });
    if (name && name !== title) edit((document) => changeNode(document, id, { name }));
    document.getElementById("canvas")?.focus();
  };
  return (
    <input
      ref={field}
      className={`${classes.rename} nodrag nopan`}
      defaultValue={title}
      maxLength={200}
      aria-label={title}
      onBlur={(event) => close(event.currentTarget.value.trim())}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (isComposing(event)) return;
        if (event.key === "Enter") event.currentTarget.blur();
        if (event.key === "Escape") close(null);
      }}
    />
  );
}
