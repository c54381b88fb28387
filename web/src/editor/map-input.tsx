// Pairs of a key, often a column, and a value: one row each, an empty one at the end.
import { ActionIcon, Autocomplete, Select, TextInput } from "@mantine/core";
import { X } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { readNumber } from "../model/fields";
import type { InputProps } from "./field-input";
import classes from "./parameter-panel.module.css";

export function MapInput({ field, label, value, columns, onChange, isReadOnly }: InputProps) {
  const { t } = useTranslation("editor");
  const [key, setKey] = useState("");
  const pairs = Object.entries((value ?? {}) as Record<string, unknown>);
  const names = field.hasColumnKeys ? columns.map(({ name }) => name) : [];
  const free = names.filter((name) => !pairs.some(([used]) => used === name));
  const set = (next: [string, unknown][]) =>
    onChange(next.length ? Object.fromEntries(next) : undefined);
  const add = (name: string) => {
    setKey("");
    if (name) set([...pairs, [name, field.choices[0] ?? (field.isNumeric ? 0 : "")]]);
  };
  return (
    <div className={classes.fields} style={{ gap: 4 }}>
      {pairs.map(([name, item], index) => (
        <div key={name} className={classes.row}>
          <span className={classes.key} title={name}>
            {name}
          </span>
          <Item
            name={`${label}: ${name}`}
            field={field}
            value={item}
            isReadOnly={isReadOnly}
            onChange={(next) => set(pairs.map((pair, at) => (at === index ? [name, next] : pair)))}
          />
          <ActionIcon
            size={30}
            variant="subtle"
            color="gray"
            disabled={isReadOnly}
            aria-label={t("field.remove", { name })}
            onClick={() => set(pairs.filter((_, at) => at !== index))}
          >
            <X size={14} />
          </ActionIcon>
        </div>
      ))}
      {!isReadOnly && (
        <Autocomplete
          id={`field-${field.name}`}
          size="xs"
          data={free}
          value={key}
          placeholder={field.hasColumnKeys ? t("field.add_column") : t("field.add_key")}
          onChange={setKey}
          onOptionSubmit={add}
          onKeyDown={(event) => event.key === "Enter" && add(key.trim())}
        />
      )}
    </div>
  );
}

interface ItemProps extends Pick<InputProps, "field" | "value" | "isReadOnly" | "onChange"> {
  name: string;
}

function Item({ name, field, value, isReadOnly, onChange }: ItemProps) {
  const common = { size: "xs", flex: 1, disabled: isReadOnly, "aria-label": name } as const;
  if (field.choices.length) {
    return (
      <Select
        {...common}
        data={field.choices}
        value={String(value)}
        allowDeselect={false}
        onChange={onChange}
      />
    );
  }
  return (
    <TextInput
      {...common}
      value={String(value ?? "")}
      onChange={({ currentTarget }) =>
        onChange(
          field.isNumeric
            ? (readNumber(currentTarget.value, field.isInteger) ?? "")
            : currentTarget.value,
        )
      }
    />
  );
}
