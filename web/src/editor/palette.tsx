// The list of components on the left: by category, searchable; dragged, or added by Enter.
import { TextInput } from "@mantine/core";
import { ChevronDown, ChevronRight, Search } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { byCategory, search, type Entry } from "../model/palette";
import { categoryName, summaryOf } from "../shared/component-text";
import { isComposing, matches } from "../shared/keys";
import { readJson, writeJson } from "../shared/storage";
import { useEntries } from "./entries";
import { KindIcon } from "./kind-icon";
import { DRAG_TYPE, placeByKeyboard } from "./placing";
import { useRecents } from "./recents";
import classes from "./palette.module.css";

const FOLDED = "studio.folded";

export function Palette() {
  const { t } = useTranslation("editor");
  const entries = useEntries();
  const recents = useRecents((state) => state.recents);
  const [query, setQuery] = useState("");
  const [folded, setFolded] = useState(() => readJson<string[]>(FOLDED, []));
  const found = search(entries, query);
  const isSearch = query.trim() !== "";
  const recent = recents.flatMap((name) => entries.find(({ spec }) => spec.name === name) ?? []);
  const fold = (name: string) => {
    const next = folded.includes(name)
      ? folded.filter((other) => other !== name)
      : [...folded, name];
    setFolded(next);
    writeJson(FOLDED, next);
  };
  return (
    <div className={classes.palette}>
      <TextInput
        className={classes.search}
        size="xs"
        leftSection={<Search size={14} aria-hidden />}
        placeholder={t("palette.search")}
        aria-label={t("palette.search")}
        value={query}
        onChange={({ currentTarget }) => setQuery(currentTarget.value)}
        onKeyDown={(event) => {
          if (matches(event, "Enter") && !isComposing(event) && isSearch && found[0]) {
            placeByKeyboard(found[0].spec);
          }
          if (event.key === "Escape") setQuery("");
        }}
      />
      <div className={classes.list}>
        {isSearch ? (
          <>
            {found.map((entry) => (
              <Item key={entry.spec.name} entry={entry} />
            ))}
            {!found.length && <p className={classes.none}>{t("palette.none", { query })}</p>}
          </>
        ) : (
          <>
            {recent.length > 0 && (
              <Group
                name={t("palette.recent")}
                id="*recent"
                entries={recent}
                folded={folded}
                onFold={fold}
              />
            )}
            {byCategory(entries).map(([category, members]) => (
              <Group
                key={category}
                id={category}
                name={categoryName(category)}
                entries={members}
                folded={folded}
                onFold={fold}
              />
            ))}
          </>
        )}
      </div>
    </div>
  );
}

interface GroupProps {
  id: string;
  name: string;
  entries: Entry[];
  folded: string[];
  onFold(id: string): void;
}

function Group({ id, name, entries, folded, onFold }: GroupProps) {
  const isFolded = folded.includes(id);
  return (
    <section>
      <button
        type="button"
        className={classes.group}
        aria-expanded={!isFolded}
        onClick={() => onFold(id)}
      >
        {isFolded ? <ChevronRight size={14} aria-hidden /> : <ChevronDown size={14} aria-hidden />}
        <span>{name}</span>
        <span className={classes.count}>{entries.length}</span>
      </button>
      {!isFolded && entries.map((entry) => <Item key={entry.spec.name} entry={entry} />)}
    </section>
  );
}

function Item({ entry: { spec, title } }: { entry: Entry }) {
  return (
    <button
      type="button"
      draggable
      className={classes.item}
      title={summaryOf(spec)}
      onDragStart={(event) => {
        event.dataTransfer.setData(DRAG_TYPE, spec.name);
        event.dataTransfer.effectAllowed = "copy";
      }}
      onDoubleClick={() => placeByKeyboard(spec)}
      onKeyDown={(event) => {
        if (event.key !== "Enter") return;
        event.preventDefault();
        placeByKeyboard(spec);
      }}
    >
      <KindIcon spec={spec} size={16} />
      <span>{title}</span>
    </button>
  );
}
