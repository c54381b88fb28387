// All components by category, searched in both languages; files that could not be read stand first.
import { Button, TextInput } from "@mantine/core";
import { CircleX, FilePlus2, Search } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import { byCategory, search } from "../../model/palette";
import { categoryName, entryOf } from "../../shared/component-text";
import { PortShape } from "../../shared/port-shape";
import classes from "./components.module.css";

interface Props {
  components: readonly Schemas["ComponentItem"][];
  broken: readonly Schemas["BrokenComponent"][];
  chosen: string | null;
  onChoose(name: string): void;
  onNew(): void;
}

export function ComponentList({ components, broken, chosen, onChoose, onNew }: Props) {
  const { t } = useTranslation("results");
  const [query, setQuery] = useState("");
  const entries = components.map((spec) => entryOf(spec, categoryName(spec.category)));
  const found = search(entries, query);
  return (
    <aside className={classes.list}>
      <h1 className={classes.title}>{t("components.title")}</h1>
      <Button
        size="xs"
        variant="default"
        fullWidth
        leftSection={<FilePlus2 size={14} />}
        onClick={onNew}
      >
        {t("components.new")}
      </Button>
      <TextInput
        size="xs"
        leftSection={<Search size={14} aria-hidden />}
        placeholder={t("components.search")}
        aria-label={t("components.search")}
        value={query}
        onChange={(event) => setQuery(event.currentTarget.value)}
        mt={8}
      />
      <nav aria-label={t("components.title")}>
        {broken.length > 0 && (
          <>
            <h2 className={classes.category}>{t("components.broken")}</h2>
            {broken.map((file) => (
              <button
                key={`${file.package}/${file.file}`}
                type="button"
                className={classes.item}
                aria-current={chosen === brokenKey(file) || undefined}
                onClick={() => onChoose(brokenKey(file))}
              >
                <CircleX size={14} color="var(--danger)" aria-hidden />
                {file.file}
              </button>
            ))}
          </>
        )}
        {byCategory(found).map(([category, group]) => (
          <section key={category}>
            <h2 className={classes.category}>{categoryName(category)}</h2>
            {group.map(({ spec, title }) => (
              <button
                key={spec.name}
                type="button"
                className={classes.item}
                aria-current={spec.name === chosen || undefined}
                onClick={() => onChoose(spec.name)}
              >
                <PortShape kind={(spec.outputs[0] ?? spec.inputs[0])?.kind ?? "file"} size={11} />
                {title}
              </button>
            ))}
          </section>
        ))}
        {!found.length && <p className={classes.note}>{t("components.none", { query })}</p>}
      </nav>
    </aside>
  );
}

export const brokenKey = (file: Schemas["BrokenComponent"]): string =>
  `broken:${file.package}/${file.file}`;
