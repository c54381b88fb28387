// What a run would do, node by node, and why; asked anew when the pipeline or the mode changes.
import { Button, Group, Loader, SegmentedControl, Switch, Text } from "@mantine/core";
import { Play } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, call } from "../api/client";
import { findNode, labelOf } from "../model/document";
import type { DockProps } from "../model/dock";
import type { Plan, PlanNode } from "../model/plan";
import { formatSeconds } from "../shared/format";
import { problemText } from "../shared/problem-text";
import { StateIcon } from "../shared/state-icon";
import { actions, type Mode } from "./actions";
import { present, useEditor } from "./store";
import classes from "./plan-tab.module.css";

const WAIT_MS = 400;
const MODES: Mode[] = [
  "EXECUTE_ALL",
  "EXECUTE_TO_HERE",
  "EXECUTE_FROM_HERE",
  "EXECUTE_ONE",
  "EXECUTE_CHILDREN",
];
const ICONS = { execute: "running", reuse: "reused", skip: "skipped" } as const;

export default function PlanTab({ node, onChoose }: DockProps) {
  const { t } = useTranslation("editor");
  const [mode, setMode] = useState<Mode>("EXECUTE_ALL");
  const [fresh, setFresh] = useState(false);
  const shown = node ? mode : "EXECUTE_ALL";
  const { plan, error } = usePlan(shown, node, fresh);
  const counts = plan && count(plan.nodes);
  return (
    <div className={classes.plan}>
      <Group className={classes.bar} gap="md">
        <SegmentedControl
          size="xs"
          value={shown}
          onChange={(value) => setMode(value as Mode)}
          data={MODES.map((value) => ({
            value,
            label: t(`plan.${value.toLowerCase()}`),
            disabled: value !== "EXECUTE_ALL" && !node,
          }))}
        />
        <Switch
          size="xs"
          label={t("run.fresh")}
          checked={fresh}
          onChange={({ currentTarget }) => setFresh(currentTarget.checked)}
        />
        {counts && (
          <Text c="dimmed" role="status">
            {t("plan.summary", counts)}
            {plan.expected_seconds ? ` · ≈ ${formatSeconds(plan.expected_seconds)}` : ""}
          </Text>
        )}
        {!plan && !error && <Loader size="xs" />}
        <Button
          size="xs"
          ml="auto"
          leftSection={<Play size={13} />}
          onClick={() => actions.run(shown, fresh)}
        >
          {t("run.run")}
        </Button>
      </Group>
      {error && (
        <p className={classes.error} role="alert">
          {error}
        </p>
      )}
      {plan && (
        <table className={classes.table}>
          <tbody>
            {plan.nodes.map((item) => (
              <Row key={item.node} item={item} onChoose={onChoose} />
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

function Row({ item, onChoose }: { item: PlanNode; onChoose(node: string): void }) {
  const { t } = useTranslation("editor");
  const node = useEditor((state) => findNode(present(state), item.node));
  return (
    <tr>
      <td className={classes.decision} data-decision={item.decision}>
        <StateIcon state={ICONS[item.decision]} size={14} /> {t(`plan.${item.decision}`)}
      </td>
      <td>
        <button type="button" className={classes.node} onClick={() => onChoose(item.node)}>
          {node ? labelOf(node) : item.node}
        </button>
      </td>
      <td className={classes.reason}>
        {problemText(item.reason)}
        {item.lent.length > 0 && ` · ${t("plan.lent", { names: item.lent.join(", ") })}`}
      </td>
      <td className={classes.time}>
        {item.decision === "execute" && item.expected_seconds !== null
          ? `≈ ${formatSeconds(item.expected_seconds)}`
          : ""}
      </td>
    </tr>
  );
}

const count = (nodes: PlanNode[]) => ({
  execute: nodes.filter(({ decision }) => decision === "execute").length,
  reuse: nodes.filter(({ decision }) => decision === "reuse").length,
  skip: nodes.filter(({ decision }) => decision === "skip").length,
});

function usePlan(mode: Mode, node: string | null, fresh: boolean) {
  const pipeline = useEditor(present);
  const [plan, setPlan] = useState<Plan | null>(null);
  const [error, setError] = useState<string | null>(null);
  const target = mode === "EXECUTE_ALL" ? null : node;
  useEffect(() => {
    const abort = new AbortController();
    const timer = setTimeout(() => {
      const body = { pipeline, mode, targets: target ? [target] : [], fresh };
      call<Plan>("POST", "/plan", { body, signal: abort.signal }).then(
        ({ data }) => {
          setPlan(data);
          setError(null);
        },
        (reason: Error) => {
          if (abort.signal.aborted) return;
          const first = reason instanceof ApiError ? reason.problems[0] : undefined;
          setError(first ? problemText(first) : reason.message);
        },
      );
    }, WAIT_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [pipeline, mode, target, fresh]);
  return { plan, error };
}
