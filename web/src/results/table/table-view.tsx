// A table: typed columns with statistics, rows as they come into view, filters, order, CSV.
import { Button, Switch, Tooltip } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery } from "@tanstack/react-query";
import { FileSpreadsheet } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "../../api/client";
import type { DockAction } from "../../model/dock";
import { Refused, Waiting } from "../artifact/refused";
import { statisticsOf, type TableSource } from "../artifacts";
import { formatCount } from "../format";
import { FilterBar } from "./filter-bar";
import { Grid } from "./grid";
import { NO_ORDER, type RowsAsked } from "./rows-query";
import { MAX_ROWS, saveCsv } from "./save-csv";
import classes from "./table.module.css";
import { useFirstBlock } from "./use-rows";

interface Props {
  source: TableSource;
  onAction?: ((action: DockAction) => void) | undefined;
}

export default function TableView({ source, onAction }: Props) {
  const { t } = useTranslation("results");
  const [asked, setAsked] = useState<RowsAsked>(NO_ORDER);
  const [withFacts, setWithFacts] = useState(true);
  const { data: first, error } = useFirstBlock(source, asked);
  const statistics = useQuery({ ...statisticsOf(source), enabled: withFacts });
  const isRefusal = error instanceof ApiError && error.status === 422 && asked.filters.length > 0;
  if (!first) return error ? <Refused error={error} onAction={onAction} /> : <Waiting />;
  const names = first.columns.map((column) => column.name);
  return (
    <div className={classes.view}>
      <div className={classes.bar}>
        <span className={classes.count} aria-live="polite">
          {t("table.size", { rows: formatCount(first.total), columns: names.length })}
        </span>
        <FilterBar
          columns={names}
          filters={asked.filters}
          onChange={(filters) => setAsked({ ...asked, filters })}
        />
        <span className={classes.right}>
          <Switch
            size="xs"
            label={t("table.statistics")}
            checked={withFacts}
            onChange={(event) => setWithFacts(event.currentTarget.checked)}
          />
          <SaveCsv source={source} asked={asked} total={first.total} />
        </span>
      </div>
      {isRefusal && (
        <p className={classes.problem} role="alert">
          {error.problems[0]?.message ?? error.message} {error.problems[0]?.hint}
        </p>
      )}
      {first.total === 0 ? (
        <p className={classes.none}>
          {t(asked.filters.length ? "table.none_pass" : "table.empty")}
        </p>
      ) : (
        <Grid
          source={source}
          first={first}
          statistics={withFacts ? (statistics.data ?? null) : null}
          asked={asked}
          onAsk={setAsked}
        />
      )}
    </div>
  );
}

interface SaveProps {
  source: TableSource;
  asked: RowsAsked;
  total: number;
}

function SaveCsv({ source, asked, total }: SaveProps) {
  const { t } = useTranslation("results");
  const [share, setShare] = useState<number | null>(null);
  const save = async () => {
    setShare(0);
    try {
      const { saved, total: all } = await saveCsv(source, asked, setShare);
      if (saved < all) {
        notifications.show({
          message: t("table.csv_cut", { saved: formatCount(saved), total: formatCount(all) }),
        });
      }
    } catch (error) {
      notifications.show({ color: "red", message: String((error as Error).message) });
    } finally {
      setShare(null);
    }
  };
  return (
    <Tooltip
      label={t("table.csv_limit", { rows: formatCount(MAX_ROWS) })}
      disabled={total <= MAX_ROWS}
    >
      <Button
        size="compact-xs"
        variant="subtle"
        leftSection={<FileSpreadsheet size={14} />}
        loading={share !== null}
        onClick={() => void save()}
      >
        {t("table.csv")}
      </Button>
    </Tooltip>
  );
}
