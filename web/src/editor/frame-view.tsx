// A frame: a titled rectangle behind nodes, which move with it.
import { NodeResizer, type NodeProps } from "@xyflow/react";
import { memo, useState } from "react";
import { useTranslation } from "react-i18next";
import { changeAt, setLayout, type Frame } from "../model/document";
import { isComposing } from "../shared/keys";
import type { FrameNode } from "./flow";
import { edit, useEditor } from "./store";
import classes from "./frame-view.module.css";

export const FrameView = memo(function FrameView({ id, data, selected }: NodeProps<FrameNode>) {
  const { t } = useTranslation("editor");
  const isReadOnly = useEditor((state) => state.isReadOnly);
  const isRenaming = useEditor((state) => state.renaming === id);
  const { frame, index } = data;
  const [size, setSize] = useState<Partial<Frame> | null>(null);
  const change = (values: Partial<Frame>) =>
    edit((document) =>
      setLayout(document, { frames: changeAt(document.layout.frames, index, values) }),
    );
  const close = (title: string) => {
    useEditor.setState({ renaming: null });
    if (title !== frame.title) change({ title });
  };
  return (
    <div
      className={classes.frame}
      data-selected={selected || undefined}
      style={size ? { width: size.width, height: size.height } : undefined}
    >
      <NodeResizer
        isVisible={selected && !isReadOnly}
        minWidth={120}
        minHeight={80}
        onResize={(_, { x, y, width, height }) => setSize({ x, y, width, height })}
        onResizeEnd={(_, { x, y, width, height }) => {
          setSize(null);
          change({
            x: Math.round(x),
            y: Math.round(y),
            width: Math.round(width),
            height: Math.round(height),
          });
        }}
      />
      {isRenaming ? (
        <input
          autoFocus
          className={`${classes.field} nodrag`}
          defaultValue={frame.title}
          aria-label={t("frame.title")}
          onBlur={(event) => close(event.currentTarget.value.trim())}
          onKeyDown={(event) => {
            event.stopPropagation();
            if (event.key === "Enter" && !isComposing(event)) event.currentTarget.blur();
          }}
        />
      ) : (
        <div
          className={`${classes.title} frame-title`}
          onDoubleClick={() => !isReadOnly && useEditor.setState({ renaming: id })}
        >
          {frame.title || t("frame.untitled")}
        </div>
      )}
    </div>
  );
});
