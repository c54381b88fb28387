// The text of a step's log: read from where it ended last, once a second while the step runs.
import { useEffect, useState } from "react";
import { call } from "../api/client";
import { FINAL_STEP, type Step } from "../model/run-state";

const EVERY_MS = 1000;
const MOST = 4_000_000;

interface LogPage {
  text: string;
  next: number;
}

export function useLog(runId: string | null, step: Step | null): string {
  const [text, setText] = useState("");
  const node = step?.node_id ?? null;
  const isOver = step !== null && FINAL_STEP.has(step.state);
  const attempt = step?.attempt ?? 0;
  useEffect(() => {
    setText("");
    if (!runId || !node) return;
    let isCurrent = true;
    let offset = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = async () => {
      const page = await readPage(runId, node, offset).catch(() => null);
      if (!isCurrent) return;
      if (page && page.next > offset) {
        offset = page.next;
        setText((before) => (before + page.text).slice(-MOST));
      }
      if (page?.text && page.text.length > 60_000) void read();
      else if (!isOver) timer = setTimeout(() => void read(), EVERY_MS);
    };
    void read();
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [runId, node, isOver, attempt]);
  return text;
}

async function readPage(runId: string, node: string, offset: number): Promise<LogPage> {
  const { data, headers } = await call<string>(
    "GET",
    `/runs/${runId}/steps/${node}/log?offset=${offset}`,
  );
  const next = Number(headers.get("X-Next-Offset") ?? NaN);
  const bytes = new TextEncoder().encode(data).length;
  return { text: data, next: Number.isNaN(next) ? offset + bytes : next };
}
