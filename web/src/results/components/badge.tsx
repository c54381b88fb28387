// How the conformance suite judged a component: a word, and each rule with what was found.
import { useQuery } from "@tanstack/react-query";
import { BadgeCheck, BadgeX, CircleDashed } from "lucide-react";
import { useTranslation } from "react-i18next";
import classes from "./components.module.css";
import { packageOf } from "./packages";

interface Check {
  name: string;
  outcome: "passed" | "failed" | "skipped";
  message: string;
}

interface Report {
  components?: { component: string; passed: boolean; checks: Check[] }[];
}

const ICONS = { passed: BadgeCheck, failed: BadgeX, unknown: CircleDashed };
const ASK_MS = 4_000;

export function Badge({ component, packageName }: { component: string; packageName: string }) {
  const { t } = useTranslation("results");
  const { data } = useQuery({
    ...packageOf(packageName),
    refetchInterval: ({ state }) =>
      state.data?.approval.state === "approved" && !state.data.report ? ASK_MS : false,
  });
  if (!data) return null;
  const { components = [] } = (data.report ?? {}) as Report;
  const report = components.find((one) => one.component === component);
  const state = report ? (report.passed ? "passed" : "failed") : "unknown";
  const Icon = ICONS[state];
  return (
    <details>
      <summary className={classes.note}>
        <Icon size={15} aria-hidden /> {t(`badge.${state}`)}
      </summary>
      <ul className={classes.plainList}>
        {(report?.checks ?? []).map((check) => (
          <li key={check.name}>
            {t(`badge.${check.outcome}`)}: {t(`badge.rule.${check.name}`, check.name)}
            {check.message && <span className={classes.note}> {check.message}</span>}
          </li>
        ))}
      </ul>
    </details>
  );
}
