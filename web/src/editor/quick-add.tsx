// The menu at the pointer: components that fit, the likeliest first; typing searches.
import { Portal } from "@mantine/core";
import { useClickOutside } from "@mantine/hooks";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { outputOf, inputOf, specOf } from "../model/connections";
import { edgeId } from "../model/document";
import { fitInto } from "../model/edit";
import { search, suggest, type Entry, type Wanted } from "../model/palette";
import { summaryOf } from "../shared/component-text";
import { isComposing } from "../shared/keys";
import { PortShape } from "../shared/port-shape";
import { useEntries } from "./entries";
import { KindIcon } from "./kind-icon";
import { place } from "./placing";
import { useRecents } from "./recents";
import { present, useEditor, type QuickAddRequest } from "./store";
import classes from "./quick-add.module.css";

const WIDTH = 320;
const HEIGHT = 380;

export function QuickAdd() {
  const request = useEditor((state) => state.quickAdd);
  return request && <Menu key={JSON.stringify(request)} request={request} />;
}

function Menu({ request }: { request: QuickAddRequest }) {
  const { t } = useTranslation("editor");
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  const wanted = useMemo(() => wantedBy(request), [request]);
  const found = search(useFitting(request, wanted), query);
  const close = () => {
    useEditor.setState({ quickAdd: null });
    document.getElementById("canvas")?.focus();
  };
  const box = useClickOutside(close);
  const onKey = (event: React.KeyboardEvent) => {
    if (isComposing(event)) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) setAt(Math.max(0, Math.min(found.length - 1, at + step)));
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && found[at]) place(found[at].spec, request);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const { x, y } = request.screen;
  return (
    <Portal>
      <div
        ref={box}
        className={classes.menu}
        style={{
          left: Math.max(8, Math.min(x, innerWidth - WIDTH - 8)),
          top: Math.max(8, Math.min(y, innerHeight - HEIGHT - 8)),
        }}
        role="dialog"
        aria-label={t("quick.label")}
      >
        <div className={classes.head}>
          {wanted && <PortShape kind={wanted.kind} />}
          <input
            autoFocus
            value={query}
            placeholder={
              wanted ? t("quick.fitting", { kind: t(`kind.${wanted.kind}`) }) : t("quick.search")
            }
            aria-label={t("quick.search")}
            role="combobox"
            aria-expanded
            aria-controls="quick-list"
            aria-activedescendant={found[at] ? `quick-${at}` : undefined}
            onChange={({ target }) => {
              setQuery(target.value);
              setAt(0);
            }}
            onKeyDown={onKey}
          />
        </div>
        <ul id="quick-list" role="listbox" aria-label={t("quick.label")} className={classes.list}>
          {found.map(({ spec, title, category }, index) => (
            // eslint-disable-next-line jsx-a11y/click-events-have-key-events -- the field has the keys
            <li
              key={spec.name}
              id={`quick-${index}`}
              role="option"
              aria-selected={index === at}
              className={classes.item}
              ref={(element) => {
                if (index === at) element?.scrollIntoView({ block: "nearest" });
              }}
              onMouseMove={() => setAt(index)}
              onClick={() => place(spec, request)}
            >
              <KindIcon spec={spec} />
              <span className={classes.texts}>
                <span className={classes.title}>{title}</span>
                <span className={classes.summary}>{summaryOf(spec)}</span>
              </span>
              <span className={classes.category}>{category}</span>
            </li>
          ))}
          {!found.length && <li className={classes.none}>{t("quick.none")}</li>}
        </ul>
      </div>
    </Portal>
  );
}

function wantedBy({ from }: QuickAddRequest): Wanted | null {
  if (!from) return null;
  const spec = specOf(present(), useEditor.getState().specs, from.end.node);
  const port =
    from.side === "source" ? outputOf(spec, from.end.port) : inputOf(spec, from.end.port);
  return port ? { kind: port.kind, side: from.side === "source" ? "inputs" : "outputs" } : null;
}

function useFitting(request: QuickAddRequest, wanted: Wanted | null): Entry[] {
  const entries = useEntries();
  const follows = useRecents((state) => state.follows);
  const specs = useEditor((state) => state.specs);
  return useMemo(() => {
    if (wanted && request.from) {
      const neighbour = specOf(present(), specs, request.from.end.node)?.name ?? "";
      return suggest(entries, wanted, neighbour, follows);
    }
    const edge = present().edges.find((item) => edgeId(item) === request.edge);
    if (!edge) return entries;
    return entries.filter(({ spec }) => fitInto(edge, present(), specs, spec));
  }, [entries, follows, request, specs, wanted]);
}
