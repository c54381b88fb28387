// The control of a parameter, by its widget. Every change goes to the document at once.
import {
  Autocomplete,
  MultiSelect,
  Select,
  Switch,
  TagsInput,
  Textarea,
  TextInput,
} from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ProblemItem } from "../api/client";
import { readNumber, type Field } from "../model/fields";
import { MapInput } from "./map-input";
import { PathInput } from "./path-input";
import type { ColumnInfo } from "./schemas-store";

const CodeField = lazy(() => import("./code-field"));

export interface InputProps {
  field: Field;
  label: string;
  value: unknown;
  columns: ColumnInfo[];
  problems: readonly ProblemItem[];
  isReadOnly: boolean;
  onChange(value: unknown): void;
}

export function FieldInput(props: InputProps) {
  const { t } = useTranslation("editor");
  const { field, value, onChange, isReadOnly } = props;
  const common = { id: `field-${field.name}`, size: "xs", disabled: isReadOnly } as const;
  switch (field.widget) {
    case "switch":
      return (
        <Switch
          {...common}
          checked={Boolean(value ?? field.default)}
          onChange={({ currentTarget }) => onChange(currentTarget.checked)}
        />
      );
    case "choice":
      return (
        <Select
          {...common}
          data={field.choices}
          value={
            value === null || value === undefined ? asText(field.default) || null : asText(value)
          }
          placeholder={t("field.default")}
          allowDeselect={field.nullable}
          onChange={(next) => onChange(next ?? (field.nullable ? null : undefined))}
        />
      );
    case "number":
      return <NumberText {...props} />;
    case "column":
      return <ColumnInput {...props} />;
    case "columns":
      return <ColumnsInput {...props} />;
    case "list":
      return <ListInput {...props} />;
    case "path":
      return <PathInput {...props} />;
    case "code":
      return (
        <Suspense fallback={<Textarea {...common} value={asText(value)} readOnly autosize />}>
          <CodeField {...props} />
        </Suspense>
      );
    case "map":
      return <MapInput {...props} />;
    case "json":
      return <JsonInput {...props} />;
    default:
      return (
        <TextInput
          {...common}
          value={asText(value)}
          placeholder={placeholder(field, t("field.none"))}
          onChange={({ currentTarget }) => onChange(currentTarget.value || emptied(field))}
        />
      );
  }
}

const asText = (value: unknown): string =>
  value === null || value === undefined
    ? ""
    : typeof value === "string"
      ? value
      : JSON.stringify(value);

/** What an empty field means: the component's default holds. */
const emptied = (field: Field): unknown => (field.required ? "" : undefined);

const placeholder = (field: Field, none: string): string => {
  const text = Array.isArray(field.default) ? field.default.join(", ") : asText(field.default);
  return text || (field.required ? "" : none);
};

function NumberText({ field, value, onChange, isReadOnly }: InputProps) {
  const { t } = useTranslation("editor");
  const [typed, setTyped] = useState<string | null>(null);
  return (
    <TextInput
      id={`field-${field.name}`}
      size="xs"
      inputMode="decimal"
      disabled={isReadOnly}
      value={typed ?? asText(value)}
      placeholder={placeholder(field, t("field.none"))}
      onChange={({ currentTarget }) => {
        setTyped(currentTarget.value);
        onChange(readNumber(currentTarget.value, field.isInteger));
      }}
      onBlur={() => setTyped(null)}
    />
  );
}

const optionsOf = (columns: ColumnInfo[]) => columns.map(({ name }) => name);

function ColumnInput({ field, value, columns, onChange, isReadOnly }: InputProps) {
  const { t } = useTranslation("editor");
  return (
    <Autocomplete
      id={`field-${field.name}`}
      size="xs"
      disabled={isReadOnly}
      data={optionsOf(columns)}
      value={asText(value)}
      placeholder={columns.length ? t("field.column") : placeholder(field, t("field.column"))}
      renderOption={({ option }) => <ColumnOption name={option.value} columns={columns} />}
      onChange={(next) => onChange(next || emptied(field))}
    />
  );
}

function ColumnsInput({ field, value, columns, onChange, isReadOnly }: InputProps) {
  const { t } = useTranslation("editor");
  const chosen = Array.isArray(value) ? value.map(String) : [];
  const common = {
    id: `field-${field.name}`,
    size: "xs",
    disabled: isReadOnly,
    value: chosen,
    clearable: true,
    placeholder: chosen.length ? "" : t("field.columns"),
    onChange: (next: string[]) => onChange(next.length ? next : emptied(field)),
  } as const;
  if (!columns.length) return <TagsInput {...common} />;
  const data = [...new Set([...optionsOf(columns), ...chosen])];
  return (
    <MultiSelect
      {...common}
      data={data}
      searchable
      hidePickedOptions
      renderOption={({ option }) => <ColumnOption name={option.value} columns={columns} />}
    />
  );
}

function ColumnOption({ name, columns }: { name: string; columns: ColumnInfo[] }) {
  const column = columns.find((item) => item.name === name);
  return (
    <span style={{ display: "flex", width: "100%", gap: 8 }}>
      <span style={{ flex: 1 }}>{name}</span>
      <span style={{ color: "var(--muted)" }}>
        {[column?.role, column?.type].filter(Boolean).join(" · ")}
      </span>
    </span>
  );
}

function ListInput({ field, value, onChange, isReadOnly }: InputProps) {
  const { t } = useTranslation("editor");
  const items = Array.isArray(value) ? value.map(String) : [];
  const read = (text: string) =>
    field.isNumeric ? (readNumber(text, field.isInteger) ?? text) : text;
  return (
    <TagsInput
      id={`field-${field.name}`}
      size="xs"
      disabled={isReadOnly}
      data={field.choices}
      value={items}
      allowDuplicates={field.isNumeric}
      placeholder={items.length ? "" : placeholder(field, t("field.list"))}
      onChange={(next) => onChange(next.length ? next.map(read) : emptied(field))}
    />
  );
}

/** Anything else is JSON; it is taken while it can be read. */
function JsonInput({ field, value, onChange, isReadOnly }: InputProps) {
  const { t } = useTranslation("editor");
  const [typed, setTyped] = useState<string | null>(null);
  const text = value === undefined ? "" : JSON.stringify(value, null, 1);
  const take = (next: string) => {
    setTyped(next);
    if (!next.trim()) return onChange(undefined);
    try {
      onChange(JSON.parse(next));
    } catch {
      // Not yet JSON: the document keeps what it has.
    }
  };
  return (
    <Textarea
      id={`field-${field.name}`}
      size="xs"
      autosize
      minRows={2}
      maxRows={10}
      disabled={isReadOnly}
      styles={{ input: { fontFamily: "var(--mono)" } }}
      value={typed ?? text}
      placeholder={JSON.stringify(field.default ?? {})}
      error={typed !== null && typed.trim() !== "" && !isJson(typed) ? t("field.not_json") : null}
      onChange={({ currentTarget }) => take(currentTarget.value)}
      onBlur={() => typed !== null && isJson(typed) && setTyped(null)}
    />
  );
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
