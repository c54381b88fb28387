// How a node runs: cache, engine, resources, retries, time limit.
import { NumberInput, SegmentedControl, Select, Switch, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { changeNode, type NodeItem, type Spec } from "../model/document";
import { edit, useEditor } from "./store";
import classes from "./parameter-panel.module.css";

const GB = 2 ** 30;

export default function NodeSettings({ node, spec }: { node: NodeItem; spec: Spec | null }) {
  const { t } = useTranslation("editor");
  const disabled = useEditor((state) => state.isReadOnly);
  const change = (values: Partial<NodeItem>, name: string) =>
    edit((document) => changeNode(document, node.id, values), `${node.id}:${name}`);
  const { cpu = 1, memory = null, gpu = 0 } = node.resources ?? {};
  const resources = { cpu, memory, gpu };
  const setResource = (values: Partial<typeof resources>) =>
    change({ resources: { ...resources, ...values } }, "resources");
  const hasEngines = isTabular(spec);
  return (
    <div className={classes.fields}>
      <Switch
        size="xs"
        disabled={disabled}
        checked={!node.disabled}
        label={t("settings.enabled")}
        onChange={({ currentTarget }) => change({ disabled: !currentTarget.checked }, "disabled")}
      />
      <div>
        <Text fw={600}>{t("settings.cache")}</Text>
        <SegmentedControl
          size="xs"
          fullWidth
          disabled={disabled}
          value={node.cache ?? "auto"}
          data={(["auto", "never", "freeze"] as const).map((value) => ({
            value,
            label: t(`settings.cache_${value}`),
          }))}
          onChange={(value) => change({ cache: value as NodeItem["cache"] }, "cache")}
        />
        <Text size="xs" c="dimmed" mt={4}>
          {t(`settings.cache_${node.cache ?? "auto"}_help`)}
        </Text>
      </div>
      {hasEngines && (
        <Select
          size="xs"
          disabled={disabled}
          label={t("settings.engine")}
          data={[
            { value: "auto", label: t("settings.engine_auto") },
            { value: "duckdb", label: "DuckDB" },
            { value: "spark", label: "Spark" },
          ]}
          value={node.engine ?? "auto"}
          allowDeselect={false}
          onChange={(value) =>
            change({ engine: value === "auto" ? null : (value as NodeItem["engine"]) }, "engine")
          }
        />
      )}
      <div className={classes.row}>
        <NumberInput
          size="xs"
          disabled={disabled}
          label={t("settings.cpu")}
          min={1}
          max={256}
          value={resources.cpu}
          onChange={(value) => setResource({ cpu: Number(value) || 1 })}
        />
        <NumberInput
          size="xs"
          disabled={disabled}
          label={t("settings.memory")}
          min={0}
          decimalScale={2}
          placeholder="∞"
          value={resources.memory === null ? "" : resources.memory / GB}
          onChange={(value) =>
            setResource({ memory: Number(value) ? Math.round(Number(value) * GB) : null })
          }
        />
        <NumberInput
          size="xs"
          disabled={disabled}
          label={t("settings.gpu")}
          min={0}
          max={64}
          value={resources.gpu}
          onChange={(value) => setResource({ gpu: Number(value) || 0 })}
        />
      </div>
      <div className={classes.row}>
        <NumberInput
          size="xs"
          disabled={disabled}
          label={t("settings.retries")}
          min={0}
          max={10}
          value={node.retries ?? 0}
          onChange={(value) => change({ retries: Number(value) || 0 }, "retries")}
        />
        <NumberInput
          size="xs"
          disabled={disabled}
          label={t("settings.timeout")}
          min={0}
          placeholder={t("field.default")}
          value={node.timeout ?? ""}
          onChange={(value) => change({ timeout: Number(value) || null }, "timeout")}
        />
      </div>
    </div>
  );
}

const isTabular = (spec: Spec | null): boolean =>
  [...(spec?.inputs ?? []), ...(spec?.outputs ?? [])].some(
    ({ receives }) => receives === "ibis.Table",
  );
