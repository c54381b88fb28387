// The pipeline's name, and what can be done with the pipeline as a whole.
import { ActionIcon, Menu } from "@mantine/core";
import { ChevronDown, Copy, Download, FileClock, GitCompareArrows } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../api/client";
import { isComposing } from "../shared/keys";
import { navigate } from "../shared/location";
import { actions } from "./actions";
import { edit, present, useEditor } from "./store";
import classes from "./pipeline-menu.module.css";

export function PipelineMenu({ pipelineId }: { pipelineId: string }) {
  const { t } = useTranslation("editor");
  const name = useEditor((state) => present(state).name);
  const isReadOnly = useEditor((state) => state.isReadOnly);
  const [isRenaming, setRenaming] = useState(false);
  const close = (next: string) => {
    setRenaming(false);
    if (next && next !== name) edit((document) => ({ ...document, name: next }));
  };
  const copy = async () => {
    const { data } = await call<{ id: string }>("POST", `/pipelines/${pipelineId}/copy`, {
      body: {},
    });
    navigate(`/p/${data.id}`);
  };
  return (
    <div className={classes.menu}>
      {isRenaming ? (
        <input
          autoFocus
          className={classes.field}
          defaultValue={name}
          maxLength={200}
          aria-label={t("pipeline.name")}
          onBlur={({ currentTarget }) => close(currentTarget.value.trim())}
          onKeyDown={(event) => {
            if (isComposing(event)) return;
            if (event.key === "Enter") event.currentTarget.blur();
            if (event.key === "Escape") setRenaming(false);
          }}
        />
      ) : (
        <button
          type="button"
          className={classes.name}
          title={isReadOnly ? name : t("pipeline.rename")}
          onClick={() => !isReadOnly && setRenaming(true)}
        >
          {name}
        </button>
      )}
      <Menu position="bottom-start" width={220}>
        <Menu.Target>
          <ActionIcon size={24} variant="subtle" color="gray" aria-label={t("pipeline.menu")}>
            <ChevronDown size={15} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<FileClock size={15} />} onClick={() => actions.open("versions")}>
            {t("command.general_versions")}
          </Menu.Item>
          <Menu.Item
            leftSection={<GitCompareArrows size={15} />}
            onClick={() => navigate(`/p/${pipelineId}/compare`)}
          >
            {t("pipeline.compare")}
          </Menu.Item>
          <Menu.Item leftSection={<Copy size={15} />} onClick={() => void copy()}>
            {t("pipeline.copy")}
          </Menu.Item>
          <Menu.Item leftSection={<Download size={15} />} onClick={() => actions.exportFile()}>
            {t("command.general_export")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}
