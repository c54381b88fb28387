// A docstring is read as its author meant it.
import { expect, test } from "vitest";
import { readDocumentation } from "./documentation";

test("paragraphs and sections are told apart, broken lines are joined", () => {
  const text = `Split a table at random.

Every row falls on one side,
never on both.

Shapes: table (n, d) -> sample (k, d),
        rest (n - k, d).
Units:  fraction is a share.
Errors: none.`;
  expect(readDocumentation(text)).toEqual({
    paragraphs: ["Split a table at random.", "Every row falls on one side, never on both."],
    sections: [
      ["Shapes", "table (n, d) -> sample (k, d), rest (n - k, d)."],
      ["Units", "fraction is a share."],
      ["Errors", "none."],
    ],
  });
});

test("without a docstring there is nothing", () => {
  expect(readDocumentation("")).toEqual({ paragraphs: [], sections: [] });
});
