// The ports and parameters of a component, as tables.
import { useTranslation } from "react-i18next";
import { type Field, fieldsOf } from "../../model/fields";
import type { Spec } from "../../model/document";
import { parameterText } from "../../shared/component-text";
import { PortShape } from "../../shared/port-shape";
import classes from "./components.module.css";

export function Ports({ spec }: { spec: Spec }) {
  const { t } = useTranslation("results");
  return (
    <div className={classes.ports}>
      {(["inputs", "outputs"] as const).map((side) => (
        <section key={side}>
          <h3 className={classes.section}>{t(`spec.${side}`)}</h3>
          {!spec[side].length && <p className={classes.note}>{t("spec.none")}</p>}
          <ul className={classes.plainList}>
            {spec[side].map((port) => (
              <li key={port.name} className={classes.port}>
                <PortShape kind={port.kind} />
                <strong>{port.name}</strong>
                <span className={classes.note}>
                  {[
                    t(`kind.${port.kind}`),
                    !port.required && t("spec.optional"),
                    port.many && t("spec.many"),
                  ]
                    .filter(Boolean)
                    .join(" · ")}
                </span>
                {port.description && <span>{port.description}</span>}
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

export function Parameters({ spec }: { spec: Spec }) {
  const { t } = useTranslation("results");
  const fields = fieldsOf(spec);
  if (!fields.length) return <p className={classes.note}>{t("spec.no_parameters")}</p>;
  return (
    <div className={classes.scroll}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{t("spec.parameter")}</th>
            <th scope="col">{t("spec.type")}</th>
            <th scope="col">{t("spec.default")}</th>
            <th scope="col">{t("spec.meaning")}</th>
          </tr>
        </thead>
        <tbody>
          {fields.map((field) => (
            <tr key={field.name}>
              <th scope="row" className={classes.mono}>
                {field.name}
                {field.required && (
                  <span className={classes.required} title={t("spec.required")}>
                    {" *"}
                    <span className={classes.hidden}>{t("spec.required")}</span>
                  </span>
                )}
              </th>
              <td className={classes.type}>{typeText(field, t)}</td>
              <td className={classes.mono}>{defaultText(field)}</td>
              <td className={classes.meaning}>
                {parameterText(spec, field.name).description ?? field.description}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

type Translate = (key: string) => string;

function typeText(field: Field, t: Translate): string {
  if (field.choices.length) return field.choices.join(" | ");
  const { minimum, maximum } = field;
  const bounds =
    minimum === null && maximum === null ? "" : ` ${minimum ?? "−∞"} … ${maximum ?? "∞"}`;
  const number = field.isInteger ? "integer" : "number";
  const word = field.widget === "number" ? t(`spec.${number}`) : t(`widget.${field.widget}`);
  return word + bounds;
}

function defaultText(field: Field): string {
  if (field.required) return "";
  return field.default === null || field.default === undefined
    ? "–"
    : JSON.stringify(field.default);
}
