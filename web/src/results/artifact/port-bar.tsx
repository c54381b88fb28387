// The ports to choose from, what is on the chosen one, and its files.
import { ActionIcon, SegmentedControl, Tooltip } from "@mantine/core";
import { Clock, Download, Maximize2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { downloadAddress } from "../artifacts";
import { formatBytes, formatCount } from "../format";
import classes from "./artifact.module.css";
import type { Look } from "./reason";

interface Props {
  ports: readonly string[];
  port: string;
  kindOf(port: string): string;
  onChange(port: string): void;
  look: Look;
}

export function PortBar({ ports, port, kindOf, onChange, look }: Props) {
  const { t } = useTranslation("results");
  return (
    <div className={classes.bar}>
      {ports.length > 1 ? (
        <SegmentedControl
          size="xs"
          data={ports.map((name) => ({ value: name, label: name }))}
          value={port}
          onChange={onChange}
          aria-label={t("output.port")}
        />
      ) : (
        <strong>{port}</strong>
      )}
      <span style={{ color: `var(--kind-${kindOf(port)})` }}>{t(`kind.${kindOf(port)}`)}</span>
      {"output" in look && <Facts look={look} />}
    </div>
  );
}

function Facts({ look }: { look: Extract<Look, { output: unknown }> }) {
  const { t } = useTranslation("results");
  const { digest, size = 0, summary } = look.output;
  const { rows, columns } = (summary ?? {}) as { rows?: number; columns?: unknown[] };
  return (
    <>
      <span>
        {rows !== undefined &&
          columns &&
          t("output.table", { rows: formatCount(rows), columns: columns.length })}{" "}
        {formatBytes(size)}
      </span>
      {look.stale && (
        <span className={classes.badge}>
          <Clock size={13} aria-hidden />
          {t("output.stale")}
        </span>
      )}
      <span>
        <Tooltip label={t("output.download")}>
          <ActionIcon
            component="a"
            href={downloadAddress(digest)}
            download
            variant="subtle"
            color="gray"
            aria-label={t("output.download")}
          >
            <Download size={15} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={t("output.full")}>
          <ActionIcon
            component="a"
            href={`#/artifact/${digest}`}
            variant="subtle"
            color="gray"
            aria-label={t("output.full")}
          >
            <Maximize2 size={15} />
          </ActionIcon>
        </Tooltip>
      </span>
    </>
  );
}
