// Code in a parameter: CodeMirror, loaded when the first such field is shown.
import { python } from "@codemirror/lang-python";
import { sql } from "@codemirror/lang-sql";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { EditorState, Prec } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import { basicSetup } from "codemirror";
import { useEffect, useRef } from "react";
import { codeLook } from "../shared/code-look";
import { diagnosticOf } from "../shared/diagnostics";
import { problemText } from "../shared/problem-text";
import { actions } from "./actions";
import { arrived, useCodeJump } from "./code-jump";
import type { InputProps } from "./field-input";
import classes from "./code-field.module.css";

/** CodeMirror would begin a line; here, as everywhere, it runs the pipeline. */
const KEYS = [{ key: "Mod-Enter", run: () => (actions.run("EXECUTE_ALL"), true) }];

export default function CodeField(props: InputProps) {
  const { field, label, value, problems, onChange, isReadOnly } = props;
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const change = useRef(onChange);
  const text = typeof value === "string" ? value : "";
  useEffect(() => {
    change.current = onChange;
  });
  useEffect(() => {
    const language = field.language === "sql" ? sql() : python();
    const editor = new EditorView({
      parent: host.current!,
      state: EditorState.create({
        extensions: [
          Prec.highest(keymap.of(KEYS)),
          basicSetup,
          language,
          codeLook,
          lintGutter(),
          EditorView.lineWrapping,
          EditorState.readOnly.of(isReadOnly),
          EditorView.contentAttributes.of({ "aria-label": label }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) change.current(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = editor;
    return () => editor.destroy();
  }, [field.language, isReadOnly, label]);
  useEffect(() => {
    const editor = view.current;
    if (!editor || editor.state.doc.toString() === text) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text } });
  }, [text]);
  const jump = useCodeJump(({ place }) => (place?.field === field.name ? place : null));
  useEffect(() => {
    const editor = view.current;
    if (!jump || !editor) return;
    const { from } = editor.state.doc.line(Math.min(jump.line, editor.state.doc.lines));
    editor.dispatch({ selection: { anchor: from }, scrollIntoView: true });
    editor.focus();
    arrived();
  }, [jump]);
  useEffect(() => {
    const editor = view.current;
    if (!editor) return;
    const placed = problems.filter(({ line }) => line != null);
    const found = placed.map((problem) =>
      diagnosticOf({ ...problem, message: problemText(problem) }, editor.state.doc),
    );
    editor.dispatch(setDiagnostics(editor.state, found));
  }, [problems, field.language, isReadOnly, label]);
  return <div ref={host} className={classes.code} id={`field-${field.name}`} />;
}
