// A component as it will look on the canvas, and its form: what the signature makes of it.
import { NumberInput, Select, Switch, Textarea, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Port, Spec } from "../../model/document";
import { type Field, fieldsOf } from "../../model/fields";
import { categoryName, titleOf } from "../../shared/component-text";
import { PortShape } from "../../shared/port-shape";
import classes from "./components.module.css";

export function NodePreview({ spec }: { spec: Spec }) {
  const kind = (spec.outputs[0] ?? spec.inputs[0])?.kind ?? "file";
  return (
    <div className={classes.node}>
      <PortRow ports={spec.inputs} />
      <div className={classes.nodeBody} style={{ borderLeftColor: `var(--kind-${kind})` }}>
        <strong>{titleOf(spec)}</strong>
        <span className={classes.note}>{categoryName(spec.category)}</span>
      </div>
      <PortRow ports={spec.outputs} />
    </div>
  );
}

function PortRow({ ports }: { ports: readonly Port[] }) {
  return (
    <div className={classes.nodePorts}>
      {ports.map((port) => (
        <span key={port.name} className={classes.nodePort}>
          <PortShape kind={port.kind} size={12} />
          {port.name}
          {port.many && " …"}
        </span>
      ))}
    </div>
  );
}

/** The fields with their defaults; nothing that is typed here is kept. */
export function FormPreview({ spec }: { spec: Spec }) {
  const { t } = useTranslation("results");
  const fields = fieldsOf(spec);
  if (!fields.length) return <p className={classes.note}>{t("spec.no_parameters")}</p>;
  return (
    <div className={classes.form}>
      {fields.map((field) => (
        <PreviewField key={field.name} field={field} />
      ))}
    </div>
  );
}

function PreviewField({ field }: { field: Field }) {
  const common = {
    label: field.title,
    description: field.description,
    required: field.required,
    size: "xs" as const,
  };
  const text = field.default === undefined || field.default === null ? "" : asText(field.default);
  switch (field.widget) {
    case "switch":
      return <Switch {...common} required={false} defaultChecked={field.default === true} mt={4} />;
    case "number":
      return (
        <NumberInput
          {...common}
          defaultValue={text}
          min={field.minimum ?? undefined}
          max={field.maximum ?? undefined}
          allowDecimal={!field.isInteger}
        />
      );
    case "choice":
      return <Select {...common} data={field.choices} defaultValue={text || null} />;
    case "code":
    case "json":
      return <Textarea {...common} defaultValue={text} autosize minRows={2} />;
    default:
      return <TextInput {...common} defaultValue={text} />;
  }
}

const asText = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
