// Python in CodeMirror, with the server's problems at their lines.
import { python } from "@codemirror/lang-python";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { basicSetup } from "codemirror";
import { useEffect, useRef } from "react";
import type { Schemas } from "../../api/client";
import { codeLook } from "../../shared/code-look";
import { diagnosticOf } from "../../shared/diagnostics";
import classes from "./components.module.css";

type Problem = Schemas["SourceProblem"];

interface Props {
  /** What the editor begins with; another `file` begins anew. */
  initial: string;
  file: string;
  label: string;
  /** The line to begin at, from 1: where an error was. */
  line: number | null;
  problems: readonly Problem[];
  onChange(text: string): void;
}

export default function CodeEditor({ initial, file, label, line, problems, onChange }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const change = useRef(onChange);
  useEffect(() => {
    change.current = onChange;
  });
  useEffect(() => {
    const editor = new EditorView({
      parent: host.current!,
      state: EditorState.create({
        doc: initial,
        extensions: [
          basicSetup,
          python(),
          lintGutter(),
          codeLook,
          EditorView.contentAttributes.of({ "aria-label": label }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) change.current(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = editor;
    if (line !== null) {
      const { from } = editor.state.doc.line(Math.min(line, editor.state.doc.lines));
      editor.dispatch({ selection: { anchor: from }, scrollIntoView: true });
      editor.focus();
    }
    return () => editor.destroy();
    // The text lives in the editor; only another file replaces it.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [file, label]);
  useEffect(() => {
    const editor = view.current;
    if (!editor) return;
    const found = problems.map((problem) => diagnosticOf(problem, editor.state.doc));
    editor.dispatch(setDiagnostics(editor.state, found));
  }, [problems]);
  return <div ref={host} className={classes.code} />;
}
