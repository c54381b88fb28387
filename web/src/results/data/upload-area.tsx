// Where files are dropped or chosen, and how far each of them has come.
import { Button, CloseButton, FileButton, Progress } from "@mantine/core";
import { Upload } from "lucide-react";
import { useState, type DragEvent } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "../../api/client";
import { hintText, problemText } from "../../shared/problem-text";
import { formatBytes, formatShare } from "../format";
import classes from "./data.module.css";
import { datasetName, sendFile, type Sending } from "./upload";

interface Row {
  name: string;
  size: number;
  share: number;
  error: string | null;
  sending: Sending;
}

const FORMATS = ".csv,.gz,.parquet,.jsonl";

export function UploadArea({ onDone }: { onDone(name: string): void }) {
  const { t } = useTranslation("results");
  const { rows, send, dismiss } = useUploads(onDone);
  const [isOver, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    send([...event.dataTransfer.files]);
  };
  return (
    <div
      className={classes.upload}
      data-over={isOver || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <FileButton multiple accept={FORMATS} onChange={send}>
        {(props) => (
          <Button {...props} size="xs" leftSection={<Upload size={14} />}>
            {t("data.upload")}
          </Button>
        )}
      </FileButton>
      <span className={classes.note}>{t("data.drop")}</span>
      {rows.map((row) => (
        <UploadRow key={row.name} row={row} onDismiss={() => dismiss(row)} />
      ))}
    </div>
  );
}

function UploadRow({ row, onDismiss }: { row: Row; onDismiss(): void }) {
  const { t } = useTranslation("results");
  return (
    <div className={classes.sending} role="status">
      <div className={classes.sendingName}>
        <span title={row.name}>{row.name}</span>
        <span className={classes.note}>
          {row.error ?? `${formatShare(row.share)} · ${formatBytes(row.size)}`}
        </span>
        <CloseButton
          size="xs"
          aria-label={t(row.error ? "data.dismiss" : "data.stop", { name: row.name })}
          onClick={onDismiss}
        />
      </div>
      <Progress
        value={row.error ? 100 : row.share * 100}
        color={row.error ? "red" : undefined}
        size="xs"
        aria-label={row.name}
      />
    </div>
  );
}

function useUploads(onDone: (name: string) => void) {
  const [rows, setRows] = useState<Row[]>([]);
  const change = (name: string, part: Partial<Row>) =>
    setRows((all) => all.map((row) => (row.name === name ? { ...row, ...part } : row)));
  const remove = (name: string) => setRows((all) => all.filter((row) => row.name !== name));
  const send = (files: File[]) => {
    for (const file of files) {
      const name = datasetName(file.name);
      const sending = sendFile(name, file, (share) => change(name, { share }));
      const row = { name, size: file.size, share: 0, error: null, sending };
      setRows((all) => [...all.filter((other) => other.name !== name), row]);
      sending.done.then(
        () => {
          remove(name);
          onDone(name);
        },
        (error: Error) => change(name, { error: refusalText(error) }),
      );
    }
  };
  const dismiss = (row: Row) => {
    row.sending.stop();
    remove(row.name);
  };
  return { rows, send, dismiss };
}

function refusalText(error: Error): string {
  const problem = error instanceof ApiError ? error.problems[0] : undefined;
  return problem ? `${problemText(problem)} ${hintText(problem)}` : error.message;
}
