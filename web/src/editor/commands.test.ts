// @vitest-environment happy-dom
import { expect, test } from "vitest";
import en from "./locales/en.json";
import zh from "./locales/zh.json";
import { COMMANDS } from "./commands";

test("every action has a name in both languages and a group of the help", () => {
  for (const { id, group } of COMMANDS) {
    const key = id.replace(".", "_") as keyof typeof en.command;
    expect(en.command[key], id).toBeTruthy();
    expect(zh.command[key], id).toBeTruthy();
    expect(en.help[group], group).toBeTruthy();
    expect(zh.help[group], group).toBeTruthy();
  }
});

test("no action is there twice, and no keys mean two things in one place", () => {
  const ids = COMMANDS.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const chords = COMMANDS.flatMap(({ keys, scope }) => keys.map((key) => `${scope} ${key}`));
  expect(new Set(chords).size).toBe(chords.length);
});
