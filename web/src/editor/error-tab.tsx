// Why the chosen step failed: its problem, the author's own lines first, what to do.
import { Button, Code, CopyButton, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { call, type Schemas } from "../api/client";
import type { DockProps } from "../model/dock";
import type { Spec } from "../model/document";
import { tally } from "../model/run-state";
import { navigate } from "../shared/location";
import { hintText, problemText } from "../shared/problem-text";
import { actions } from "./actions";
import { jumpTo } from "./code-jump";
import { ErrorFrames } from "./error-frames";
import { useRun } from "./run-store";
import classes from "./error-tab.module.css";

type StepError = Schemas["StepError"];
type StepFrame = Schemas["StepFrame"];

export default function ErrorTab({ run, step, spec }: DockProps) {
  const { t } = useTranslation("editor");
  const view = useRun((state) => state.view);
  if (run && step && step.problems.length > 0) {
    return <Failed runId={run.id} step={step} spec={spec} />;
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

interface FailedProps {
  runId: string;
  step: Schemas["StepItem"];
  spec: Spec | null;
}

function Failed({ runId, step, spec }: FailedProps) {
  const { data: detail } = useQuery({
    queryKey: ["step", runId, step.node_id, step.attempt],
    queryFn: async () =>
      (await call<Schemas["StepDetail"]>("GET", `/runs/${runId}/steps/${step.node_id}`)).data,
  });
  return (
    <Stack p="md" gap="lg">
      {step.problems.map((problem, index) => (
        <Failure
          key={index}
          problem={problem}
          step={step}
          error={index === 0 ? (detail?.error ?? null) : null}
          spec={spec}
        />
      ))}
    </Stack>
  );
}

interface FailureProps {
  problem: Schemas["StepProblem"];
  step: Schemas["StepItem"];
  /** Its frames and what the code was given, once they are read. */
  error: StepError | null;
  spec: Spec | null;
}

function Failure({ problem, step, error, spec }: FailureProps) {
  const { t } = useTranslation("editor");
  const frames = error?.frames ?? [];
  const rest = readText(problem.traceback) ?? readText(problem.log);
  const report = [
    `${step.name} (${step.component})`,
    problem.message,
    problem.hint,
    ...frames.map((frame) => `  ${frame.file}, line ${frame.line}\n    ${frame.code}`),
    rest,
  ];
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
      {frames.length > 0 && <ErrorFrames frames={frames} onOpen={opener(problem, spec)} />}
      {!frames.length && rest && (
        <Code block mt="sm" className={classes.trace} tabIndex={0}>
          {rest}
        </Code>
      )}
      {error && <Given error={error} />}
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

/** Code of a parameter is in the panel, that of an uploaded package in the editor of components. */
function opener({ field, line }: Schemas["StepProblem"], spec: Spec | null) {
  if (field && line) {
    return (frame: StepFrame) => {
      actions.open("parameters");
      jumpTo({ field, line: frame.line! });
    };
  }
  if (spec?.origin !== "package") return null;
  return ({ line: at }: StepFrame) =>
    navigate(`/components?name=${spec.name}&edit=${spec.package}&line=${at}`);
}

/** What the code was handed: parameters and inputs, in words. */
function Given({ error }: { error: StepError }) {
  const { t } = useTranslation("editor");
  const rows = [...Object.entries(error.inputs ?? {}), ...Object.entries(error.parameters ?? {})];
  if (!rows.length) return null;
  return (
    <>
      <Title order={4} size="h6" mt="sm">
        {t("error.given")}
      </Title>
      <dl className={classes.given}>
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

const readText = (value: unknown): string | null =>
  typeof value === "string" && value ? value : Array.isArray(value) ? value.join("\n") : null;
