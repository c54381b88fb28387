// The components as they are listed, in the language that is shown.
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Entry } from "../model/palette";
import { categoryName, entryOf } from "../shared/component-text";
import { useEditor } from "./store";

export function useEntries(): Entry[] {
  const specs = useEditor((state) => state.specs);
  const { i18n } = useTranslation("editor");
  const { language } = i18n;
  return useMemo(
    () =>
      [...specs.values()]
        .map((spec) => entryOf(spec, categoryName(spec.category)))
        .sort((a, b) => a.title.localeCompare(b.title, language)),
    [specs, language],
  );
}
