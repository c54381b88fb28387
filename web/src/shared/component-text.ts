// Texts of components in the language that is shown; English is in the component itself.
import i18next from "i18next";
import type { Spec } from "../model/document";
import type { Entry } from "../model/palette";
import type { ComponentTexts } from "./components-zh";
import { currentLanguage } from "./i18n";

let chinese: Record<string, ComponentTexts> = {};

/** Also read when English is shown: the palette is searched in both languages. */
export async function loadComponentTexts(): Promise<void> {
  chinese = (await import("./components-zh")).default;
}

const texts = (spec: Spec, language: string = currentLanguage()): ComponentTexts =>
  language === "zh" ? (chinese[spec.name] ?? {}) : {};

export const titleOf = (spec: Spec): string => texts(spec).title ?? spec.title;
export const summaryOf = (spec: Spec): string => texts(spec).summary ?? spec.summary;
export const documentationOf = (spec: Spec): string =>
  texts(spec).documentation ?? spec.documentation;

export const parameterText = (spec: Spec, name: string) => texts(spec).parameters?.[name] ?? {};

export function entryOf(spec: Spec, category: string): Entry {
  const chinese = texts(spec, "zh");
  const ports = [...spec.inputs, ...spec.outputs].map(({ kind }) => kind);
  const haystack = [
    spec.name,
    spec.title,
    spec.summary,
    spec.category,
    category,
    chinese.title,
    chinese.summary,
    ...ports,
  ];
  return { spec, title: titleOf(spec), category, haystack: haystack.join(" ").toLowerCase() };
}

export function categoryName(category: string): string {
  const key = `category.${category.toLowerCase().replaceAll(" ", "_")}`;
  return i18next.exists(key) ? i18next.t(key) : category;
}
