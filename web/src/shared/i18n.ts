// Two languages; every feature folder has a namespace of its name in locales/en.json and zh.json.
import i18next from "i18next";
import { initReactI18next } from "react-i18next";

export type Language = "en" | "zh";
export const LANGUAGES: readonly Language[] = ["en", "zh"];

const KEY = "studio.language";
const texts = {
  en: () => import("./texts-en"),
  zh: () => import("./texts-zh"),
};

export async function startLanguage(language: Language = preferredLanguage()): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    defaultNS: "shared",
    fallbackNS: "shared",
    resources: {},
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  await setLanguage(language);
}

export async function setLanguage(language: Language): Promise<void> {
  for (const [path, content] of Object.entries((await texts[language]()).default)) {
    const namespace = path.split("/")[2]!;
    i18next.addResourceBundle(language, namespace, content, true, true);
  }
  await i18next.changeLanguage(language);
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  localStorage.setItem(KEY, language);
}

export function currentLanguage(): Language {
  return i18next.language === "zh" ? "zh" : "en";
}

function preferredLanguage(): Language {
  const stored = localStorage.getItem(KEY);
  if (stored === "en" || stored === "zh") return stored;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}
