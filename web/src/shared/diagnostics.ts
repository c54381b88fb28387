// A problem with a line, as CodeMirror marks it.
import type { Diagnostic } from "@codemirror/lint";
import type { Text } from "@codemirror/state";

interface Placed {
  message: string;
  line?: number | null;
  column?: number | null;
}

/** From its column to the end of its line; a place beyond the text is the nearest within. */
export function diagnosticOf({ line, column, message }: Placed, text: Text): Diagnostic {
  const at = text.line(Math.min(Math.max(line ?? 1, 1), text.lines));
  const from = Math.min(at.from + Math.max((column ?? 1) - 1, 0), at.to);
  return { from, to: at.to, severity: "error", message };
}
