// One uploaded table: its rows, its columns, and a pipeline that begins with it.
import { Button, CopyButton, Tabs, Tooltip } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { Copy, Workflow } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { navigate } from "../../shared/location";
import { datasetTable } from "../artifacts";
import { formatBytes, formatTime } from "../format";
import { Distributions } from "../table/distributions";
import TableView from "../table/table-view";
import classes from "./data.module.css";
import { datasetPath, startPipeline } from "./new-pipeline";
import type { Dataset } from "./upload";

export function DatasetView({ dataset }: { dataset: Dataset }) {
  const { t } = useTranslation("results");
  const [tab, setTab] = useState<string | null>("rows");
  const source = datasetTable(dataset.name);
  return (
    <section className={classes.dataset} aria-label={dataset.name}>
      <header className={classes.head}>
        <div className={classes.headName}>
          <h2>{dataset.name}</h2>
          <p className={classes.note}>
            {formatBytes(dataset.size)} · {formatTime(dataset.created_at)} ·{" "}
            <span className={classes.mono}>{dataset.digest.slice(0, 12)}</span>
          </p>
        </div>
        <CopyPath name={dataset.name} />
        <NewPipeline name={dataset.name} />
      </header>
      <Tabs value={tab} onChange={setTab} className={classes.tabs} keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="rows">{t("data.rows")}</Tabs.Tab>
          <Tabs.Tab value="columns">{t("data.columns")}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="rows" className={classes.panel}>
          <TableView key={dataset.digest} source={source} />
        </Tabs.Panel>
        <Tabs.Panel value="columns" className={classes.panel}>
          <Distributions source={source} />
        </Tabs.Panel>
      </Tabs>
    </section>
  );
}

function CopyPath({ name }: { name: string }) {
  const { t } = useTranslation("results");
  return (
    <CopyButton value={datasetPath(name)}>
      {({ copied, copy }) => (
        <Tooltip label={datasetPath(name)}>
          <Button size="xs" variant="default" leftSection={<Copy size={14} />} onClick={copy}>
            {t(copied ? "data.copied" : "data.copy_path")}
          </Button>
        </Tooltip>
      )}
    </CopyButton>
  );
}

function NewPipeline({ name }: { name: string }) {
  const { t } = useTranslation("results");
  const [isBusy, setBusy] = useState(false);
  const start = async () => {
    setBusy(true);
    try {
      navigate(`/p/${await startPipeline(name)}`);
    } catch (error) {
      notifications.show({ color: "red", message: (error as Error).message });
      setBusy(false);
    }
  };
  return (
    <Button
      size="xs"
      leftSection={<Workflow size={14} />}
      loading={isBusy}
      onClick={() => void start()}
    >
      {t("data.new_pipeline")}
    </Button>
  );
}
