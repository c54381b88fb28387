// Lines of a log: how serious they are, and the colours that terminals know.

export type Level = "error" | "warning" | "info";

export function levelOf(line: string): Level {
  if (/\b(error|critical|fatal|traceback|exception)\b/i.test(line)) return "error";
  if (/\bwarn(ing)?\b/i.test(line)) return "warning";
  return "info";
}

export interface Piece {
  text: string;
  colour: string | null;
}

const COLOURS = ["grey", "red", "green", "yellow", "blue", "magenta", "cyan", "grey"];
const ESCAPE = /\u001b\[([0-9;]*)([A-Za-z])/g;

/** Text with its colours; other escapes are dropped. */
export function readAnsi(line: string): Piece[] {
  const pieces: Piece[] = [];
  let colour: string | null = null;
  let from = 0;
  for (const match of line.matchAll(ESCAPE)) {
    if (match.index > from) pieces.push({ text: line.slice(from, match.index), colour });
    from = match.index + match[0].length;
    if (match[2] === "m") colour = colourOf(match[1]!, colour);
  }
  if (from < line.length) pieces.push({ text: line.slice(from), colour });
  return pieces;
}

function colourOf(codes: string, before: string | null): string | null {
  let colour = before;
  for (const code of codes.split(";").map(Number)) {
    if (code === 0 || code === 39) colour = null;
    else if (code >= 30 && code <= 37) colour = COLOURS[code - 30]!;
    else if (code >= 90 && code <= 97) colour = COLOURS[code - 90]!;
  }
  return colour;
}
