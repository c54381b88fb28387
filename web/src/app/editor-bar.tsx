// The bar above the canvas: name, save state, undo, run and stop, progress, the figure that counts.
import { ActionIcon, Badge, Button, Divider, Menu, Tooltip } from "@mantine/core";
import {
  ChevronDown,
  CircleHelp,
  CircleStop,
  Command,
  History,
  Play,
  Redo2,
  Undo2,
} from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { actions, type Mode } from "../editor/actions";
import { useRun } from "../editor/run-store";
import { SaveStatus } from "../editor/save-status";
import { PipelineMenu } from "../editor/pipeline-menu";
import { chosenNode, redoEdit, undoEdit, useEditor } from "../editor/store";
import { headline, isOver, tally, type RunView } from "../model/run-state";
import { formatMetric, formatSeconds } from "../shared/format";
import { chordText } from "../shared/keys";
import { StateBadge } from "../shared/state-icon";
import { CoachMark, read } from "./coach-mark";
import { Brand, LanguageButton, ThemeButton } from "./shell";
import classes from "./editor-bar.module.css";

interface Props {
  pipelineId: string;
  runId: string | null;
}

export function EditorBar({ pipelineId, runId }: Props) {
  const { t } = useTranslation("editor");
  const canUndo = useEditor((state) => state.history.past.length > 0);
  const canRedo = useEditor((state) => state.history.future.length > 0);
  const view = useRun((state) => state.view);
  const isRunning = view !== null && !isOver(view.run);
  return (
    <header className={classes.bar}>
      <Brand />
      <span className={classes.slash} aria-hidden>
        /
      </span>
      <PipelineMenu pipelineId={pipelineId} />
      {!runId && <SaveStatus />}
      {!runId && (
        <span className={classes.edits}>
          <Divider orientation="vertical" my={12} mx={4} />
          <Icon label={t("command.edit_undo")} keys="Mod+Z" disabled={!canUndo} onClick={undoEdit}>
            <Undo2 size={17} />
          </Icon>
          <Icon
            label={t("command.edit_redo")}
            keys="Mod+Shift+Z"
            disabled={!canRedo}
            onClick={redoEdit}
          >
            <Redo2 size={17} />
          </Icon>
        </span>
      )}
      <span className={classes.space} />
      {view && <Progress view={view} />}
      <CoachMark>
        <span>
          <RunButton />
        </span>
      </CoachMark>
      <Icon label={t("command.run_stop")} keys="Mod+." disabled={!isRunning} onClick={actions.stop}>
        <CircleStop size={18} />
      </Icon>
      <Divider orientation="vertical" my={12} mx={4} />
      <Icon label={t("command.general_runs")} onClick={() => actions.open("runs")}>
        <History size={17} />
      </Icon>
      <Icon
        label={t("command.general_commands")}
        keys="Mod+K"
        onClick={() => actions.open("commands")}
      >
        <Command size={17} />
      </Icon>
      <LanguageButton />
      <ThemeButton />
      <Icon label={t("command.general_help")} keys="?" onClick={() => actions.open("help")}>
        <CircleHelp size={17} />
      </Icon>
    </header>
  );
}

interface IconProps {
  label: string;
  keys?: string;
  disabled?: boolean;
  onClick(): void;
  children: React.ReactNode;
}

function Icon({ label, keys, disabled = false, onClick, children }: IconProps) {
  const chord = keys ? ` (${chordText(keys).join(" ")})` : "";
  return (
    <Tooltip label={label + chord} openDelay={300}>
      <ActionIcon
        variant="subtle"
        color="gray"
        disabled={disabled}
        aria-label={label}
        onClick={onClick}
      >
        {children}
      </ActionIcon>
    </Tooltip>
  );
}

const MODES: [Mode, string][] = [
  ["EXECUTE_ALL", "command.run_all"],
  ["EXECUTE_TO_HERE", "command.run_to_here"],
  ["EXECUTE_FROM_HERE", "command.run_from_here"],
  ["EXECUTE_ONE", "command.run_one"],
  ["EXECUTE_CHILDREN", "command.run_children"],
];

function RunButton() {
  const { t } = useTranslation("editor");
  const chosen = useEditor(chosenNode);
  return (
    <Button.Group>
      <Tooltip
        label={`${t("command.run_all")} (${chordText("Mod+Enter").join(" ")})`}
        openDelay={300}
      >
        <Button
          size="xs"
          leftSection={<Play size={14} fill="currentColor" aria-hidden />}
          onClick={() => {
            read();
            actions.run("EXECUTE_ALL");
          }}
        >
          {t("run.run")}
        </Button>
      </Tooltip>
      <Menu position="bottom-end" width={280}>
        <Menu.Target>
          <Button size="xs" px={7} aria-label={t("run.modes")} className={classes.split}>
            <ChevronDown size={14} aria-hidden />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {MODES.map(([mode, key]) => (
            <Menu.Item
              key={mode}
              disabled={mode !== "EXECUTE_ALL" && !chosen}
              onClick={() => actions.run(mode)}
            >
              {t(key)}
              <span className={classes.about}>{t(`run.about_${mode.toLowerCase()}`)}</span>
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item onClick={() => actions.run("EXECUTE_ALL", true)}>
            {t("run.fresh")}
            <span className={classes.about}>{t("run.about_fresh")}</span>
          </Menu.Item>
          <Menu.Item onClick={actions.plan}>{t("command.run_plan")}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </Button.Group>
  );
}

function Progress({ view }: { view: RunView }) {
  const { t } = useTranslation("editor");
  const { done, all, failed } = tally(view);
  const metric = [...view.steps.values()].map(headline).find(Boolean);
  return (
    <div className={classes.progress} role="status">
      <StateBadge state={view.run.state} />
      <span className={classes.figures}>
        {done}/{all}
      </span>
      <Elapsed view={view} />
      {metric && (
        <Badge variant="light" size="lg" radius="sm" tt="none" className={classes.metric}>
          {metric.name} {formatMetric(metric.value)}
        </Badge>
      )}
      {failed.length > 0 && (
        <Button size="compact-xs" color="red" variant="light" onClick={actions.firstError}>
          {t("command.run_first_error")}
        </Button>
      )}
      {["failed", "cancelled", "interrupted"].includes(view.run.state) && (
        <Button size="compact-xs" variant="default" onClick={() => actions.resume(view.run)}>
          {t("run.resume")}
        </Button>
      )}
    </div>
  );
}

function Elapsed({ view: { run } }: { view: RunView }) {
  const [now, setNow] = useState(() => Date.now() / 1000);
  const isRunning = !isOver(run);
  useEffect(() => {
    if (!isRunning) return;
    const timer = setInterval(() => setNow(Date.now() / 1000), 500);
    return () => clearInterval(timer);
  }, [isRunning]);
  if (!run.started_at) return null;
  const seconds = Math.max(0, (run.finished_at ?? now) - run.started_at);
  return (
    <span className={classes.figures} role="timer">
      {formatSeconds(seconds)}
    </span>
  );
}
