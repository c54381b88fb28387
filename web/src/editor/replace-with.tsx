// "Replace with…" for a node whose component is not here: another one takes its place.
import { Button, Select } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { NodeItem } from "../model/document";
import { search } from "../model/palette";
import { replaceComponent } from "../model/several";
import { useEntries } from "./entries";
import { edit, present, useEditor } from "./store";

export default function ReplaceWith({ node }: { node: NodeItem }) {
  const { t } = useTranslation("editor");
  const entries = useEntries();
  const specs = useEditor((state) => state.specs);
  const isReadOnly = useEditor((state) => state.isReadOnly);
  const [name, setName] = useState<string | null>(null);
  const [query, setQuery] = useState("");
  const spec = name ? specs.get(name) : undefined;
  if (isReadOnly) return null;
  const found = query === titleOf(entries, name) ? entries : search(entries, query);
  return (
    <>
      <Select
        size="xs"
        searchable
        label={t("panel.replace_with")}
        placeholder={t("panel.replace_choose")}
        data={found.map(({ spec: { name: value }, title }) => ({ value, label: title }))}
        filter={({ options }) => options}
        value={name}
        searchValue={query}
        onSearchChange={setQuery}
        onChange={setName}
        nothingFoundMessage={t("quick.none")}
      />
      <Button
        size="xs"
        disabled={!spec}
        onClick={() => {
          const { document, dropped } = replaceComponent(present(), node.id, spec!);
          edit(document);
          if (dropped.length)
            notifications.show({
              message: t("panel.replace_dropped", { names: dropped.join(", ") }),
            });
        }}
      >
        {t("panel.replace")}
      </Button>
    </>
  );
}

const titleOf = (entries: ReturnType<typeof useEntries>, name: string | null): string =>
  entries.find(({ spec }) => spec.name === name)?.title ?? "";
