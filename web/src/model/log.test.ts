import { expect, test } from "vitest";
import { levelOf, readAnsi } from "./log";

test("lines are as serious as they say", () => {
  expect(levelOf("ValueError: bad row")).toBe("info");
  expect(levelOf("ERROR bad row")).toBe("error");
  expect(levelOf("Traceback (most recent call last):")).toBe("error");
  expect(levelOf("UserWarning: old")).toBe("info");
  expect(levelOf("warning: old")).toBe("warning");
});

test("colours of terminals are read, other escapes are dropped", () => {
  expect(readAnsi("a\u001b[31mred\u001b[0m b\u001b[2K")).toEqual([
    { text: "a", colour: null },
    { text: "red", colour: "red" },
    { text: " b", colour: null },
  ]);
});
