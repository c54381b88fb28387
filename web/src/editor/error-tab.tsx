// Why the chosen step failed: its problem, the author's own lines first, what to do.
import { Button, Code, CopyButton, Group, Stack, Text, Title } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import type { DockProps } from "../model/dock";
import { hintText, problemText } from "../shared/problem-text";
import { tally } from "../model/run-state";
import { actions } from "./actions";
import { useRun } from "./run-store";
import { splitTraceback } from "../model/traceback";
import classes from "./error-tab.module.css";

export default function ErrorTab({ run, step }: DockProps) {
  const { t } = useTranslation("editor");
  const view = useRun((state) => state.view);
  if (step && step.problems.length > 0) {
    return (
      <Stack p="md" gap="lg">
        {step.problems.map((problem, index) => (
          <Failure key={index} problem={problem} step={step} />
        ))}
      </Stack>
    );
  }
  const failed = view ? tally(view).failed.length : 0;
  const others = run?.problems ?? [];
  return (
    <Stack p="md" gap="sm">
      {others.map((problem) => (
        <Text key={problem.message}>{problemText(problem)}</Text>
      ))}
      <Text c="dimmed">{failed ? t("error.elsewhere", { count: failed }) : t("error.none")}</Text>
      {failed > 0 && (
        <Group>
          <Button size="xs" color="red" variant="light" onClick={actions.firstError}>
            {t("command.run_first_error")}
          </Button>
        </Group>
      )}
    </Stack>
  );
}

interface FailureProps {
  problem: Schemas["StepProblem"];
  step: Schemas["StepItem"];
}

function Failure({ problem, step }: FailureProps) {
  const { t } = useTranslation("editor");
  const trace = readText(problem.traceback);
  const log = readText(problem.log);
  const report = [`${step.name} (${step.component})`, problem.message, problem.hint, trace ?? log];
  return (
    <section>
      <Title order={3} size="h5" c="var(--danger)">
        {problemText(problem)}
      </Title>
      {hintText(problem) && <Text mt={4}>{hintText(problem)}</Text>}
      <Text size="xs" c="dimmed" mt={4}>
        {[
          problem.code,
          problem.field && `${t("error.field")}: ${problem.field}`,
          problem.row && `${t("error.row")}: ${problem.row}`,
        ]
          .filter(Boolean)
          .join(" · ")}
      </Text>
      {trace && <Trace text={trace} />}
      {!trace && log && (
        <Code block mt="sm" className={classes.trace}>
          {log}
        </Code>
      )}
      <Group mt="sm" gap="sm">
        <CopyButton value={report.filter(Boolean).join("\n\n")}>
          {({ copied, copy }) => (
            <Button size="compact-xs" variant="default" onClick={copy}>
              {copied ? t("error.copied") : t("error.copy")}
            </Button>
          )}
        </CopyButton>
        <Button size="compact-xs" variant="default" onClick={() => actions.openTab("logs")}>
          {t("dock.logs")}
        </Button>
      </Group>
    </section>
  );
}

const readText = (value: unknown): string | null =>
  typeof value === "string" && value ? value : Array.isArray(value) ? value.join("\n") : null;

/** The author's frames are open; those of libraries and of the studio are folded. */
function Trace({ text }: { text: string }) {
  const { t } = useTranslation("editor");
  const [isOpen, setOpen] = useState(false);
  const { frames, end } = splitTraceback(text);
  const hidden = frames.filter(({ isOwn }) => !isOwn).length;
  return (
    <div className={classes.traces}>
      {frames
        .filter(({ isOwn }) => isOwn || isOpen)
        .map((frame, index) => (
          <pre key={index} className={classes.frame} data-own={frame.isOwn || undefined}>
            {frame.text}
          </pre>
        ))}
      <pre className={classes.end}>{end}</pre>
      {hidden > 0 && (
        <Button size="compact-xs" variant="subtle" onClick={() => setOpen(!isOpen)}>
          {isOpen ? t("error.fold") : t("error.unfold", { count: hidden })}
        </Button>
      )}
    </div>
  );
}
