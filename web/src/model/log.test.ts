import { expect, test } from "vitest";
import { levelOf, readAnsi } from "./log";
import { splitTraceback } from "./traceback";

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

test("a traceback knows whose code each frame is", () => {
  const text = `Traceback (most recent call last):
  File "/x/site-packages/pandas/core.py", line 9, in apply
    return f(x)
  File "/packages/mine/clean.py", line 4, in clean
    raise ValueError("no")
ValueError: no`;
  const { frames, end } = splitTraceback(text);
  expect(frames.map(({ isOwn }) => isOwn)).toEqual([false, true]);
  expect(frames[1]!.text).toContain("line 4, in clean");
  expect(end).toBe("ValueError: no");
});
