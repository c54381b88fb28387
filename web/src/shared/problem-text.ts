// A problem in the language that is shown: by its code and arguments, else as the server wrote it.
import i18next from "i18next";
import type { ProblemItem } from "../api/client";

type Told = Pick<ProblemItem, "code" | "message" | "arguments"> & Partial<ProblemItem>;
type Values = Record<string, unknown>;

export const problemText = (problem: Told): string => textOf(problem, "") ?? problem.message;
export const hintText = (problem: Told): string => textOf(problem, ".hint") ?? problem.hint ?? "";

/** A code has one text or several; the first is taken whose values are all told. */
function textOf(problem: Told, ending: string): string | null {
  if (ending && !problem.hint) return null;
  const texts = i18next.getResourceBundle(i18next.language, "problem") as Values | undefined;
  const code = problem.code.startsWith("request.") ? "request" : problem.code;
  const found = texts?.[problem.code + ending] ?? texts?.[code + ending];
  const values = { ...problem, ...inWords(problem.arguments ?? {}, texts?.words as Values) };
  for (const text of [found ?? []].flat()) {
    const told = fill(String(text), values);
    if (told !== null) return told;
  }
  return null;
}

/** Null where a value is missing. */
function fill(text: string, values: Values): string | null {
  const isKnown = (name: string) => values[name] !== undefined && values[name] !== null;
  const wanted = [...text.matchAll(/{{(\w+)}}/g)].map((match) => match[1]!);
  if (!wanted.every(isKnown)) return null;
  return text.replace(/{{(\w+)}}/g, (_, name: string) => String(values[name]));
}

/** Arguments may be reasons, states or words of the studio themselves. */
function inWords(values: Values, words: Values = {}): Values {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      if (isTold(value)) return [name, problemText(value)];
      const isState = name === "state" && i18next.exists(`state.${String(value)}`);
      if (isState) return [name, i18next.t(`state.${String(value)}`)];
      return [name, words[String(value)] ?? value];
    }),
  );
}

const isTold = (value: unknown): value is Told =>
  typeof value === "object" && value !== null && "code" in value && "message" in value;
