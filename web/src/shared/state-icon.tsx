// The mark of a state of a step or a run; always beside its word.
import {
  Ban,
  Check,
  Circle,
  Clock,
  LoaderCircle,
  Slash,
  Square,
  TriangleAlert,
  X,
  Zap,
  type LucideIcon,
} from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Run, StepState } from "../model/run-state";
import classes from "./state-icon.module.css";

export type AnyState = StepState | Run["state"];

const ICONS: Record<AnyState, [LucideIcon, string]> = {
  waiting: [Circle, "waiting"],
  queued: [Clock, "queued"],
  running: [LoaderCircle, "running"],
  reused: [Zap, "reused"],
  succeeded: [Check, "succeeded"],
  failed: [X, "failed"],
  skipped: [Slash, "skipped"],
  cancelled: [Square, "cancelled"],
  cancelling: [LoaderCircle, "cancelled"],
  interrupted: [TriangleAlert, "stale"],
  quarantined: [Ban, "failed"],
};

export const stateColour = (state: AnyState): string => `var(--state-${ICONS[state][1]})`;

export function StateIcon({ state, size = 16 }: { state: AnyState; size?: number }) {
  const [Icon] = ICONS[state];
  const isMoving = state === "running" || state === "cancelling";
  return (
    <Icon
      size={size}
      strokeWidth={2.4}
      color={stateColour(state)}
      className={isMoving ? classes.moving : undefined}
      aria-hidden
    />
  );
}

export function StateBadge({ state }: { state: AnyState }) {
  const { t } = useTranslation();
  return (
    <span className={classes.badge} style={{ color: stateColour(state) }}>
      <StateIcon state={state} size={14} />
      {t(`state.${state}`)}
    </span>
  );
}
