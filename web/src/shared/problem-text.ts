// A problem in the language that is shown: by its code and arguments, else as the server wrote it.
import i18next from "i18next";
import type { ProblemItem } from "../api/client";

type Told = Pick<ProblemItem, "code" | "message" | "arguments"> & Partial<ProblemItem>;

export const problemText = (problem: Told): string => text(problem, "") ?? problem.message;
export const hintText = (problem: Told): string => text(problem, "_hint") ?? problem.hint ?? "";

function text(problem: Told, ending: string): string | null {
  const key = `problem:${problem.code.replaceAll(".", "_")}${ending}`;
  const values = { ...problem, ...inWords(problem.arguments ?? {}) };
  return i18next.exists(key) && hasAll(key, values) ? i18next.t(key, values) : null;
}

/** Arguments may be reasons or states themselves. */
function inWords(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      if (isTold(value)) return [name, problemText(value)];
      const isState = name === "state" && i18next.exists(`state.${String(value)}`);
      return [name, isState ? i18next.t(`state.${String(value)}`) : value];
    }),
  );
}

const isTold = (value: unknown): value is Told =>
  typeof value === "object" && value !== null && "code" in value && "message" in value;

/** Whether the problem has every value that the text wants. */
function hasAll(key: string, values: Record<string, unknown>): boolean {
  const [namespace = "", name = ""] = key.split(":");
  const text: unknown = i18next.getResource(i18next.language, namespace, name);
  const wanted = [...String(text).matchAll(/{{\s*(\w+)/g)].map((match) => match[1]!);
  return wanted.every((value) => values[value] !== undefined && values[value] !== null);
}
