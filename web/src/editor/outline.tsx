// The pipeline as a list, in the order of work: everything the canvas shows, without seeing it.
import { TextInput } from "@mantine/core";
import { CircleAlert, Search } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { findNode, labelOf } from "../model/document";
import { topological } from "../model/walk";
import { titleOf } from "../shared/component-text";
import { StateIcon } from "../shared/state-icon";
import { KindIcon } from "./kind-icon";
import { problemsOf, useProblems } from "./problems-store";
import { stepOf, useRun } from "./run-store";
import { present, select, useEditor } from "./store";
import { reveal } from "./viewport";
import classes from "./outline.module.css";

export function Outline() {
  const { t } = useTranslation("editor");
  const document = useEditor(present);
  const [query, setQuery] = useState("");
  const order = useMemo(() => topological(document), [document]);
  const wanted = query.trim().toLowerCase();
  const shown = order.filter((id) => {
    const node = findNode(document, id)!;
    return [labelOf(node), node.component, id].some((text) => text.toLowerCase().includes(wanted));
  });
  return (
    <div className={classes.outline}>
      <TextInput
        id="outline-find"
        className={classes.find}
        size="xs"
        leftSection={<Search size={14} aria-hidden />}
        placeholder={t("outline.find")}
        aria-label={t("outline.find")}
        value={query}
        onChange={({ currentTarget }) => setQuery(currentTarget.value)}
      />
      <ul className={classes.list} aria-label={t("outline.title")}>
        {shown.map((id) => (
          <Row key={id} id={id} />
        ))}
      </ul>
    </div>
  );
}

function Row({ id }: { id: string }) {
  const { t } = useTranslation("editor");
  const node = useEditor((state) => findNode(present(state), id));
  const spec = useEditor((state) => state.specs.get(node?.component ?? "") ?? null);
  const isChosen = useEditor((state) => state.selected.has(id));
  const step = useRun(stepOf(id));
  const problems = useProblems(problemsOf(id));
  if (!node) return null;
  const choose = () => {
    select([id]);
    reveal(id, true);
  };
  return (
    <li>
      <button type="button" className={classes.row} aria-pressed={isChosen} onClick={choose}>
        {spec && <KindIcon spec={spec} size={15} />}
        <span className={classes.name}>{labelOf(node)}</span>
        <span className={classes.type}>{spec ? titleOf(spec) : node.component}</span>
        {problems.length > 0 && (
          <CircleAlert
            size={14}
            color="var(--warn)"
            aria-label={t("problems.count", { count: problems.length })}
          />
        )}
        {step && (
          <>
            <StateIcon state={step.state} size={14} />
            <span className={classes.hidden}>{t(`state.${step.state}`)}</span>
          </>
        )}
      </button>
    </li>
  );
}
