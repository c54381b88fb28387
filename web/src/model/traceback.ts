// A Python traceback, taken apart: whose code each frame is.

export interface Frame {
  text: string;
  /** Code of whoever wrote the component, as opposed to libraries and the studio. */
  isOwn: boolean;
}

const HEAD = /^ {2}File "([^"]+)", line \d+/;
const OTHERS = /site-packages|\/lib\/python3|\/studio\/(worker|loader|component|host)|<frozen/;

export function splitTraceback(text: string): { frames: Frame[]; end: string } {
  const frames: Frame[] = [];
  const rest: string[] = [];
  let open: string[] | null = null;
  for (const line of text.split("\n")) {
    if (HEAD.test(line)) frames.push({ text: "", isOwn: !OTHERS.test(HEAD.exec(line)![1]!) });
    if (HEAD.test(line)) open = [line];
    else if (open && line.startsWith("    ")) open.push(line);
    else {
      open = null;
      if (line.trim() && !line.startsWith("Traceback")) rest.push(line);
    }
    if (open) frames[frames.length - 1]!.text = open.join("\n");
  }
  return { frames, end: rest.join("\n") };
}
