// What leaves as CSV reads back the same, and never runs.
import { expect, test } from "vitest";
import { toCsv } from "./csv";

test("commas, quotes and line ends are quoted", () => {
  expect(toCsv(["a"], [["x,y"], ['say "hi"'], ["two\nlines"]])).toBe(
    'a\r\n"x,y"\r\n"say ""hi"""\r\n"two\nlines"\r\n',
  );
});

test("nothing is an empty cell", () => {
  expect(toCsv(["a", "b"], [[null, undefined]])).toBe("a,b\r\n,\r\n");
});

test("a formula is disarmed, a negative number is not", () => {
  expect(toCsv(["a"], [["=1+1"], ["-3.5"], [-3.5], ["@cmd"]])).toBe(
    "a\r\n'=1+1\r\n-3.5\r\n-3.5\r\n'@cmd\r\n",
  );
});
