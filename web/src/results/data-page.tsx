// Uploaded tables: sent here, looked at, and taken into pipelines.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Database } from "lucide-react";
import { useTranslation } from "react-i18next";
import { api, data } from "../api/client";
import { useQueryValue } from "../shared/location";
import { Refused, Waiting } from "./artifact/refused";
import { DatasetView } from "./data/dataset-view";
import { UploadArea } from "./data/upload-area";
import classes from "./data/data.module.css";
import { formatBytes } from "./format";

export default function DataPage() {
  const { t } = useTranslation("results");
  const client = useQueryClient();
  const [name, setName] = useQueryValue("name");
  const { data: list, error } = useQuery({
    queryKey: ["datasets"],
    queryFn: () => data(api.GET("/api/v1/datasets")),
  });
  if (error) return <Refused error={error} />;
  if (!list) return <Waiting />;
  const { datasets } = list;
  const chosen = datasets.find((dataset) => dataset.name === name) ?? datasets[0];
  const refresh = async (added: string) => {
    await client.invalidateQueries({ queryKey: ["datasets"] });
    // The name may stand for other content now.
    await client.invalidateQueries({ queryKey: ["statistics"] });
    await client.invalidateQueries({ queryKey: ["rows"] });
    setName(added);
  };
  return (
    <div className={classes.page}>
      <aside className={classes.list}>
        <h1 className={classes.title}>{t("data.title")}</h1>
        <UploadArea onDone={(added) => void refresh(added)} />
        <ul>
          {datasets.map((dataset) => (
            <li key={dataset.name}>
              <button
                type="button"
                className={classes.item}
                aria-current={dataset === chosen || undefined}
                onClick={() => setName(dataset.name)}
              >
                <span className={classes.itemName}>{dataset.name}</span>
                <span className={classes.note}>{formatBytes(dataset.size)}</span>
              </button>
            </li>
          ))}
        </ul>
      </aside>
      {chosen ? (
        <DatasetView key={chosen.name} dataset={chosen} />
      ) : (
        <div className={classes.empty}>
          <Database size={28} aria-hidden />
          <p className={classes.emptyTitle}>{t("data.empty")}</p>
          <p className={classes.note}>{t("data.empty_text")}</p>
        </div>
      )}
    </div>
  );
}
