// What a component is: its documentation, its ports, the columns on them.
import { useTranslation } from "react-i18next";
import type { Port, Spec } from "../model/document";
import { documentationOf } from "../shared/component-text";
import { PortShape } from "../shared/port-shape";
import { shown, useSchemas } from "./schemas-store";
import classes from "./parameter-panel.module.css";

export default function ComponentInfo({ spec, node }: { spec: Spec; node: string }) {
  const { t } = useTranslation("editor");
  return (
    <>
      <p className={classes.documentation}>{documentationOf(spec)}</p>
      <h3 className={classes.section}>{t("panel.inputs")}</h3>
      {spec.inputs.map((port) => (
        <PortRow key={port.name} port={port} />
      ))}
      {!spec.inputs.length && <span className={classes.muted}>{t("panel.none")}</span>}
      <h3 className={classes.section}>{t("panel.outputs")}</h3>
      {spec.outputs.map((port) => (
        <PortRow key={port.name} port={port} />
      ))}
      <Columns node={node} />
    </>
  );
}

function PortRow({ port }: { port: Port }) {
  const { t } = useTranslation("editor");
  const marks = [
    t(`kind.${port.kind}`),
    !port.required && t("panel.optional"),
    port.many && t("panel.many"),
  ];
  return (
    <div className={classes.port}>
      <PortShape kind={port.kind} />
      <strong>{port.name}</strong>
      <span className={classes.muted}>{marks.filter(Boolean).join(" · ")}</span>
    </div>
  );
}

function Columns({ node }: { node: string }) {
  const { t } = useTranslation("editor");
  const outputs = useSchemas((state) => state.nodes[node]?.outputs);
  return Object.entries(outputs ?? {}).map(
    ([port, schema]) =>
      schema && (
        <section key={port}>
          <h3 className={classes.section}>
            {t("panel.columns_of", { port })} ({shown(schema).length})
          </h3>
          {shown(schema).map(({ name, type, role }) => (
            <div key={name} className={classes.port}>
              <span>{name}</span>
              <span className={classes.muted}>{[type, role].filter(Boolean).join(" · ")}</span>
            </div>
          ))}
        </section>
      ),
  );
}
