// One component: what it does, its ports, its parameters, where it is used, and where it comes from.
import { Button } from "@mantine/core";
import { Pencil } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import { categoryName, documentationOf, titleOf } from "../../shared/component-text";
import { Approval } from "./approval";
import { Badge } from "./badge";
import classes from "./components.module.css";
import { readDocumentation } from "./documentation";
import { Parameters, Ports } from "./spec-table";
import { WhereUsed } from "./where-used";

export type Item = Schemas["ComponentItem"];

interface Props {
  spec: Item;
  onEdit(packageName: string): void;
}

export function ComponentView({ spec, onEdit }: Props) {
  const { t } = useTranslation("results");
  const { paragraphs, sections } = readDocumentation(documentationOf(spec));
  const isOwn = spec.origin === "package";
  return (
    <article className={classes.component}>
      <header className={classes.head}>
        <div className={classes.headName}>
          <h2>{titleOf(spec)}</h2>
          <p className={classes.note}>
            <span className={classes.mono}>{spec.name}</span> · {categoryName(spec.category)} · v
            {spec.version} · {t(isOwn ? "spec.own" : "spec.builtin", { name: spec.package })}
          </p>
        </div>
        {isOwn && (
          <Button
            size="xs"
            variant="default"
            leftSection={<Pencil size={14} />}
            onClick={() => onEdit(spec.package)}
          >
            {t("spec.edit")}
          </Button>
        )}
      </header>
      {isOwn && <Approval name={spec.package} />}
      {isOwn && <Badge component={spec.name} packageName={spec.package} />}
      {spec.deprecated && <p className={classes.warning}>{spec.deprecated}</p>}
      {paragraphs.map((paragraph) => (
        <p key={paragraph} className={classes.paragraph}>
          {paragraph}
        </p>
      ))}
      <Ports spec={spec} />
      <h3 className={classes.section}>{t("spec.parameters")}</h3>
      <Parameters spec={spec} />
      {sections.length > 0 && (
        <dl className={classes.sections}>
          {sections.map(([name, text]) => (
            <div key={name}>
              <dt>{t(`spec.${name.toLowerCase()}`)}</dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
      )}
      <h3 className={classes.section}>{t("spec.where_used")}</h3>
      <WhereUsed component={spec.name} />
    </article>
  );
}
