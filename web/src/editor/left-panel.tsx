// The left side: components to add, or the outline of what is there.
import { SegmentedControl } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Outline } from "./outline";
import { Palette } from "./palette";
import { useEditor } from "./store";
import classes from "./left-panel.module.css";

export function LeftPanel() {
  const { t } = useTranslation("editor");
  const isReadOnly = useEditor((state) => state.isReadOnly);
  const [tab, setTab] = useState("palette");
  const shown = isReadOnly ? "outline" : tab;
  return (
    <div className={classes.left}>
      {!isReadOnly && (
        <SegmentedControl
          className={classes.switch}
          size="xs"
          value={tab}
          onChange={setTab}
          data={[
            { value: "palette", label: t("palette.title") },
            { value: "outline", label: t("outline.title") },
          ]}
        />
      )}
      {shown === "palette" ? <Palette /> : <Outline />}
    </div>
  );
}
