// The log of the chosen node, as it is written; filtered; it follows the end until a person scrolls up.
import { Button, SegmentedControl, TextInput } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { Download } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { DockProps } from "../model/dock";
import { readAnsi, levelOf, type Level } from "../model/log";
import { DockEmpty } from "./dock-empty";
import { useLog } from "./use-log";
import classes from "./logs-tab.module.css";

const LINE = 19;

export default function LogsTab({ run, node, step }: DockProps) {
  const { t } = useTranslation("editor");
  const text = useLog(run?.id ?? null, step);
  const [level, setLevel] = useState<Level | "all">("all");
  const [query, setQuery] = useState("");
  const lines = useMemo(
    () => text.split("\n").filter((line, i, all) => line || i < all.length - 1),
    [text],
  );
  const shown = useMemo(
    () =>
      lines.filter(
        (line) =>
          (level === "all" || levelOf(line) === level) &&
          line.toLowerCase().includes(query.trim().toLowerCase()),
      ),
    [lines, level, query],
  );
  if (!node || !step || !run) return <DockEmpty node={node} step={step} run={run} />;
  return (
    <div className={classes.logs}>
      <div className={classes.bar}>
        <TextInput
          size="xs"
          placeholder={t("logs.filter")}
          aria-label={t("logs.filter")}
          value={query}
          onChange={({ currentTarget }) => setQuery(currentTarget.value)}
        />
        <SegmentedControl
          size="xs"
          value={level}
          onChange={(value) => setLevel(value as Level)}
          data={(["all", "warning", "error"] as const).map((value) => ({
            value,
            label: t(`logs.${value}`),
          }))}
        />
        <span className={classes.count}>{t("logs.lines", { count: shown.length })}</span>
        <Button
          size="compact-xs"
          variant="subtle"
          leftSection={<Download size={13} />}
          onClick={() => download(text, `${node}.log`)}
        >
          {t("logs.download")}
        </Button>
      </div>
      <Lines lines={shown} empty={t("logs.empty")} />
    </div>
  );
}

function Lines({ lines, empty }: { lines: string[]; empty: string }) {
  const { t } = useTranslation("editor");
  const box = useRef<HTMLDivElement>(null);
  const [follows, setFollows] = useState(true);
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => LINE,
    overscan: 20,
  });
  useEffect(() => {
    if (follows && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [lines.length, follows]);
  return (
    <div
      ref={box}
      className={classes.lines}
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- scrolled by keys
      tabIndex={0}
      role="log"
      aria-label={t("dock.logs")}
      onScroll={({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) =>
        setFollows(scrollTop + clientHeight > scrollHeight - 2 * LINE)
      }
    >
      {!lines.length && <p className={classes.empty}>{empty}</p>}
      <div style={{ position: "relative", height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ index, start }) => (
          <pre
            key={index}
            className={classes.line}
            data-level={levelOf(lines[index]!)}
            style={{ transform: `translateY(${start}px)` }}
          >
            {readAnsi(lines[index]!).map(({ text, colour }, part) => (
              <span key={part} style={colour ? { color: `var(--ansi-${colour})` } : undefined}>
                {text}
              </span>
            ))}
          </pre>
        ))}
      </div>
    </div>
  );
}

function download(text: string, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
