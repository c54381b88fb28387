// How code looks in CodeMirror: the page's own colours, readable in both themes.
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const words = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: "var(--state-failed)" },
  { tag: [tags.string, tags.docString], color: "var(--state-running)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--kind-report)" },
  { tag: [tags.comment], color: "var(--muted)" },
  { tag: [tags.definition(tags.function(tags.variableName))], color: "var(--kind-model)" },
  { tag: [tags.meta, tags.typeName], color: "var(--kind-feature_map)" },
]);

const page = EditorView.theme({
  "&": { background: "var(--surface)", color: "var(--text)" },
  "&.cm-focused": { outline: "0" },
  ".cm-scroller": { fontFamily: "var(--mono)" },
  ".cm-gutters": { border: "0", background: "var(--canvas)", color: "var(--muted)" },
  ".cm-cursor": { borderColor: "var(--text)" },
  ".cm-activeLine, .cm-activeLineGutter": {
    background: "color-mix(in srgb, var(--primary) 7%, transparent)",
  },
  ".cm-selectionBackground": { background: "var(--selected) !important" },
  ".cm-tooltip": {
    background: "var(--raised)",
    color: "var(--text)",
    border: "1px solid var(--border)",
  },
});

export const codeLook: Extension = [syntaxHighlighting(words), page];
