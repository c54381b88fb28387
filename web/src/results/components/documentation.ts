// The documentation of a component in parts: paragraphs, then the sections that its docstring names.
export interface Documentation {
  paragraphs: string[];
  sections: [name: SectionName, text: string][];
}

const SECTIONS = ["Shapes", "Units", "Errors", "Source"] as const;
export type SectionName = (typeof SECTIONS)[number];

const HEADING = new RegExp(`^(${SECTIONS.join("|")}):\\s*`);

export function readDocumentation(text: string): Documentation {
  const blocks = text.trim().split(/\n\s*\n/);
  const paragraphs: string[] = [];
  const sections: [SectionName, string][] = [];
  for (const line of blocks.flatMap(partsOf)) {
    const heading = HEADING.exec(line);
    if (heading) sections.push([heading[1] as SectionName, line.slice(heading[0].length)]);
    else if (line) paragraphs.push(line);
  }
  return { paragraphs, sections };
}

/** A block of lines as one text a section; lines that were broken for their length are joined. */
function partsOf(block: string): string[] {
  const parts: string[] = [];
  for (const line of block.split("\n")) {
    const text = line.trim();
    if (HEADING.test(text) || !parts.length) parts.push(text);
    else parts[parts.length - 1] += ` ${text}`;
  }
  return parts.map((part) => part.trim());
}
