// A problem in the language that is shown: by its code and arguments, else as the server wrote it.
import i18next from "i18next";
import type { ProblemItem } from "../api/client";

export function problemText(problem: ProblemItem): string {
  const key = `problem:${problem.code.replaceAll(".", "_")}`;
  const values = { ...problem.arguments, ...problem };
  return i18next.exists(key) && hasAll(key, values) ? i18next.t(key, values) : problem.message;
}

export function hintText(problem: ProblemItem): string {
  const key = `problem:${problem.code.replaceAll(".", "_")}_hint`;
  const values = { ...problem.arguments, ...problem };
  return i18next.exists(key) && hasAll(key, values) ? i18next.t(key, values) : (problem.hint ?? "");
}

/** Whether the problem has every value that the text wants. */
function hasAll(key: string, values: Record<string, unknown>): boolean {
  const [namespace = "", name = ""] = key.split(":");
  const text: unknown = i18next.getResource(i18next.language, namespace, name);
  const wanted = [...String(text).matchAll(/{{\s*(\w+)/g)].map((match) => match[1]!);
  return wanted.every((value) => values[value] !== undefined && values[value] !== null);
}
