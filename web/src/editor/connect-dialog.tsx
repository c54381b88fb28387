// Connect by keyboard: from the chosen node's port to one of the ports that it fits.
import { Modal, Text } from "@mantine/core";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { checkConnection, specOf } from "../model/connections";
import { connect, findNode, labelOf, type Edge } from "../model/document";
import { isComposing } from "../shared/keys";
import { PortShape } from "../shared/port-shape";
import { chosenNode, edit, present, useEditor } from "./store";
import classes from "./quick-add.module.css";

interface Choice {
  edge: Edge;
  text: string;
  kind: Parameters<typeof PortShape>[0]["kind"];
  replaces: boolean;
}

export default function ConnectDialog({ onClose }: { onClose(): void }) {
  const { t } = useTranslation("editor");
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  const choices = useChoices();
  const wanted = query.trim().toLowerCase();
  const found = choices.filter(({ text }) => text.toLowerCase().includes(wanted));
  const pick = (choice: Choice | undefined) => {
    if (!choice) return;
    const { specs } = useEditor.getState();
    const { source, target } = choice.edge;
    edit((document) => {
      const verdict = checkConnection(document, specs, source, target);
      return verdict.allowed ? connect(document, choice.edge, verdict.isMany) : document;
    });
    onClose();
  };
  const onKey = (event: React.KeyboardEvent) => {
    if (isComposing(event)) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) setAt(Math.max(0, Math.min(found.length - 1, at + step)));
    else if (event.key === "Enter") pick(found[at]);
    else return;
    event.preventDefault();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      withCloseButton={false}
      padding={0}
      size={520}
      yOffset="12vh"
      aria-label={t("command.add_connect")}
    >
      <div className={classes.head}>
        <input
          data-autofocus
          value={query}
          placeholder={t("connect.pick")}
          aria-label={t("connect.pick")}
          role="combobox"
          aria-expanded
          aria-controls="connect-list"
          aria-activedescendant={found[at] ? `connect-${at}` : undefined}
          onChange={({ target }) => {
            setQuery(target.value);
            setAt(0);
          }}
          onKeyDown={onKey}
        />
      </div>
      <ul
        id="connect-list"
        role="listbox"
        aria-label={t("connect.pick")}
        className={classes.list}
        style={{ maxHeight: 360 }}
      >
        {found.map(({ text, kind, replaces }, index) => (
          // eslint-disable-next-line jsx-a11y/click-events-have-key-events -- the field has the keys
          <li
            key={text}
            id={`connect-${index}`}
            role="option"
            aria-selected={index === at}
            className={classes.item}
            onMouseMove={() => setAt(index)}
            onClick={() => pick(found[index])}
          >
            <PortShape kind={kind} />
            <span className={classes.texts}>{text}</span>
            {replaces && <span className={classes.category}>{t("connect.replaces")}</span>}
          </li>
        ))}
        {!found.length && (
          <li className={classes.none}>
            <Text>{t("connect.nothing")}</Text>
          </li>
        )}
      </ul>
    </Modal>
  );
}

/** From every output of the chosen node to every input that takes it, and the other way round. */
function useChoices(): Choice[] {
  const document = useEditor(present);
  const specs = useEditor((state) => state.specs);
  const chosen = useEditor(chosenNode);
  return useMemo(() => {
    if (!chosen) return [];
    const choices: Choice[] = [];
    const consider = (source: string, target: string) => {
      for (const output of specOf(document, specs, source)?.outputs ?? []) {
        for (const input of specOf(document, specs, target)?.inputs ?? []) {
          const edge = {
            source: { node: source, port: output.name },
            target: { node: target, port: input.name },
          };
          const verdict = checkConnection(document, specs, edge.source, edge.target);
          if (!verdict.allowed) continue;
          const [from, to] = [source, target].map((id) => labelOf(findNode(document, id)!));
          const text = `${from} · ${output.name} → ${to} · ${input.name}`;
          choices.push({ edge, text, kind: output.kind, replaces: verdict.replaces !== null });
        }
      }
    };
    for (const { id } of document.nodes) {
      if (id === chosen) continue;
      consider(chosen, id);
      consider(id, chosen);
    }
    return choices.sort((a, b) => Number(a.replaces) - Number(b.replaces));
  }, [chosen, document, specs]);
}
