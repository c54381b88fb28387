// One field for everything: actions, components to add, nodes to go to.
import { Kbd, Modal } from "@mantine/core";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { labelOf } from "../model/document";
import { chordText, isComposing } from "../shared/keys";
import { commandName, COMMANDS } from "./commands";
import { useEntries } from "./entries";
import { placeByKeyboard } from "./placing";
import { present, select, useEditor } from "./store";
import { reveal } from "./viewport";
import classes from "./quick-add.module.css";

interface Item {
  id: string;
  text: string;
  group: string;
  keys: string | undefined;
  run(): void;
}

interface Props {
  onlyNodes: boolean;
  onClose(): void;
}

const MOST = 40;

export default function CommandPalette({ onlyNodes, onClose }: Props) {
  const { t } = useTranslation("editor");
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  const items = useItems(onlyNodes);
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const found = items
    .filter(({ text, group }) =>
      words.every((word) => `${text} ${group}`.toLowerCase().includes(word)),
    )
    .slice(0, MOST);
  const pick = (item: Item | undefined) => {
    if (!item) return;
    onClose();
    item.run();
  };
  const onKey = (event: React.KeyboardEvent) => {
    if (isComposing(event)) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) setAt(Math.max(0, Math.min(found.length - 1, at + step)));
    else if (event.key === "Enter") pick(found[at]);
    else return;
    event.preventDefault();
  };
  const label = onlyNodes ? t("outline.find") : t("command.general_commands");
  return (
    <Modal
      opened
      onClose={onClose}
      withCloseButton={false}
      padding={0}
      size={560}
      yOffset="12vh"
      aria-label={label}
    >
      <div className={classes.head}>
        <input
          data-autofocus
          value={query}
          placeholder={label}
          aria-label={label}
          role="combobox"
          aria-expanded
          aria-controls="command-list"
          aria-activedescendant={found[at] ? `command-${at}` : undefined}
          onChange={({ target }) => {
            setQuery(target.value);
            setAt(0);
          }}
          onKeyDown={onKey}
        />
      </div>
      <ul
        id="command-list"
        role="listbox"
        aria-label={label}
        className={classes.list}
        style={{ maxHeight: 380 }}
      >
        {found.map((item, index) => (
          // eslint-disable-next-line jsx-a11y/click-events-have-key-events -- the field has the keys
          <li
            key={item.id}
            id={`command-${index}`}
            role="option"
            aria-selected={index === at}
            className={classes.item}
            ref={(element) => {
              if (index === at) element?.scrollIntoView({ block: "nearest" });
            }}
            onMouseMove={() => setAt(index)}
            onClick={() => pick(item)}
          >
            <span className={classes.texts}>{item.text}</span>
            <span className={classes.category}>{item.group}</span>
            {item.keys && (
              <span>
                {chordText(item.keys).map((key) => (
                  <Kbd key={key} size="xs" ml={3}>
                    {key}
                  </Kbd>
                ))}
              </span>
            )}
          </li>
        ))}
        {!found.length && <li className={classes.none}>{t("quick.none")}</li>}
      </ul>
    </Modal>
  );
}

function useItems(onlyNodes: boolean): Item[] {
  const { t } = useTranslation("editor");
  const entries = useEntries();
  const document = useEditor(present);
  const isReadOnly = useEditor((state) => state.isReadOnly);
  return useMemo(() => {
    const nodes: Item[] = document.nodes.map((node) => ({
      id: `node:${node.id}`,
      text: labelOf(node),
      group: t("palette.group_node"),
      keys: undefined,
      run: () => {
        select([node.id]);
        reveal(node.id, true);
      },
    }));
    if (onlyNodes) return nodes;
    const commands: Item[] = COMMANDS.filter(
      (command) =>
        command.isPossible() && !/nudge|push|^select\.(up|down|left|right)$/.test(command.id),
    ).map((command) => ({
      id: command.id,
      text: commandName(command),
      group: t(`help.${command.group}`),
      keys: command.keys[0],
      run: command.run,
    }));
    const components: Item[] = isReadOnly
      ? []
      : entries.map(({ spec, title }) => ({
          id: `component:${spec.name}`,
          text: t("palette.add", { title }),
          group: t("palette.group_component"),
          keys: undefined,
          run: () => placeByKeyboard(spec),
        }));
    return [...commands, ...components, ...nodes];
  }, [document, entries, isReadOnly, onlyNodes, t]);
}
