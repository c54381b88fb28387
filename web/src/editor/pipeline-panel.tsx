// Nothing chosen: the pipeline's own description, engine and parameters.
import { ActionIcon, Button, Select, Text, Textarea, TextInput } from "@mantine/core";
import { Plus, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { freeId, setPipelineParameters, type PipelineParameter } from "../model/document";
import { readNumber } from "../model/fields";
import { edit, present, useEditor } from "./store";
import classes from "./parameter-panel.module.css";

const TYPES = ["string", "integer", "number", "boolean"] as const;

export function PipelinePanel() {
  const { t } = useTranslation("editor");
  const document = useEditor(present);
  const disabled = useEditor((state) => state.isReadOnly);
  const { parameters } = document;
  const set = (next: Record<string, PipelineParameter>, tag?: string) =>
    edit((old) => setPipelineParameters(old, next), tag);
  return (
    <div className={classes.panel}>
      <div className={classes.body}>
        <h2 className={classes.section}>{t("pipeline.title")}</h2>
        <Textarea
          size="xs"
          autosize
          minRows={2}
          disabled={disabled}
          label={t("pipeline.description")}
          value={document.description ?? ""}
          onChange={({ currentTarget: { value } }) =>
            edit((old) => ({ ...old, description: value }), "description")
          }
        />
        <Select
          mt="sm"
          size="xs"
          disabled={disabled}
          label={t("settings.engine")}
          allowDeselect={false}
          data={[
            { value: "auto", label: t("settings.engine_auto") },
            { value: "duckdb", label: "DuckDB" },
            { value: "spark", label: "Spark" },
          ]}
          value={document.settings?.engine ?? "auto"}
          onChange={(engine) =>
            edit((old) => ({ ...old, settings: { ...old.settings, engine: engine as "auto" } }))
          }
        />
        <h2 className={classes.section}>{t("pipeline.parameters")}</h2>
        <Text size="xs" c="dimmed" mb="sm">
          {t("pipeline.parameters_help")}
        </Text>
        <div className={classes.fields}>
          {Object.entries(parameters).map(([name, item]) => (
            <Parameter
              key={name}
              name={name}
              item={item}
              isReadOnly={disabled}
              onChange={(change) =>
                set({ ...parameters, [name]: { ...item, ...change } }, `parameter:${name}`)
              }
              onRename={(next) => {
                const free = freeId(Object.keys(parameters), next);
                set(
                  Object.fromEntries(
                    Object.entries(parameters).map(([key, value]) => [
                      key === name ? free : key,
                      value,
                    ]),
                  ),
                );
              }}
              onRemove={() => {
                const { [name]: _, ...rest } = parameters;
                set(rest);
              }}
            />
          ))}
          {!disabled && (
            <Button
              size="xs"
              variant="default"
              leftSection={<Plus size={14} />}
              onClick={() => {
                const name = freeId(Object.keys(parameters), "parameter");
                set({ ...parameters, [name]: { type: "string", default: "", description: "" } });
              }}
            >
              {t("pipeline.add_parameter")}
            </Button>
          )}
        </div>
      </div>
    </div>
  );
}

interface ParameterProps {
  name: string;
  item: PipelineParameter;
  isReadOnly: boolean;
  onChange(change: Partial<PipelineParameter>): void;
  onRename(name: string): void;
  onRemove(): void;
}

function Parameter({ name, item, isReadOnly, onChange, onRename, onRemove }: ParameterProps) {
  const { t } = useTranslation("editor");
  return (
    <div>
      <div className={classes.row}>
        <TextInput
          key={name}
          size="xs"
          flex={1}
          disabled={isReadOnly}
          defaultValue={name}
          aria-label={t("pipeline.parameter_name")}
          onBlur={({ currentTarget: { value } }) => value && value !== name && onRename(value)}
        />
        <Select
          size="xs"
          w={96}
          disabled={isReadOnly}
          aria-label={t("pipeline.parameter_type")}
          data={TYPES.map((value) => ({ value, label: t(`type.${value}`) }))}
          value={item.type}
          allowDeselect={false}
          onChange={(type) => onChange({ type: type as PipelineParameter["type"], default: null })}
        />
        <ActionIcon
          size={30}
          variant="subtle"
          color="gray"
          disabled={isReadOnly}
          aria-label={`${t("pipeline.remove_parameter")}: ${name}`}
          onClick={onRemove}
        >
          <Trash2 size={14} />
        </ActionIcon>
      </div>
      <TextInput
        mt={4}
        size="xs"
        disabled={isReadOnly}
        aria-label={`${name}: ${t("field.value")}`}
        placeholder={item.description || t("field.value")}
        value={item.default === null || item.default === undefined ? "" : String(item.default)}
        onChange={({ currentTarget: { value } }) => onChange({ default: read(value, item.type) })}
      />
    </div>
  );
}

function read(text: string, type: PipelineParameter["type"]): unknown {
  if (type === "string") return text;
  if (type === "boolean") return text === "true" ? true : text === "false" ? false : text || null;
  return readNumber(text, type === "integer") ?? null;
}
