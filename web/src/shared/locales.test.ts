// Both languages have the same keys and placeholders, and every key used in code exists.
import { describe, expect, test } from "vitest";

type Tree = { [key: string]: string | Tree };
const files = import.meta.glob<Tree>("/src/*/locales/*.json", { eager: true, import: "default" });
const sources = import.meta.glob<string>("/src/**/*.{ts,tsx}", {
  eager: true,
  query: "?raw",
  import: "default",
});

function flatten(tree: Tree, prefix = ""): Map<string, string> {
  return new Map(
    Object.entries(tree).flatMap(([key, value]) =>
      typeof value === "string"
        ? [[prefix + key, value] as const]
        : [...flatten(value, `${prefix}${key}.`)],
    ),
  );
}

const namespaces = [...new Set(Object.keys(files).map((path) => path.split("/")[2]!))];
const texts = (namespace: string, language: string) =>
  flatten(files[`/src/${namespace}/locales/${language}.json`] ?? {});
const placeholders = (text: string) => [...text.matchAll(/{{\s*(\w+)/g)].map((m) => m[1]).sort();

// English has a form for one and for many; Chinese has one form for both.
const singular = (keys: Iterable<string>) =>
  [...new Set([...keys].map((key) => key.replace(/_(one|other)$/, "")))].sort();

describe.each(namespaces)("%s", (namespace) => {
  const [en, zh] = [texts(namespace, "en"), texts(namespace, "zh")];

  test("has the same keys in both languages", () => {
    expect(singular(zh.keys())).toEqual(singular(en.keys()));
  });

  test("has the same placeholders in both languages", () => {
    for (const [key, text] of zh) {
      const english = en.get(key) ?? en.get(`${key}_other`);
      if (english) expect([key, ...placeholders(text)]).toEqual([key, ...placeholders(english)]);
    }
  });

  test("has no empty text", () => {
    for (const [key, text] of [...en, ...zh]) expect(text.trim(), key).not.toBe("");
  });
});

test("every key that code names is there", () => {
  const known = new Set(
    namespaces.flatMap((namespace) =>
      singular(texts(namespace, "en").keys()).map((key) => `${namespace}:${key}`),
    ),
  );
  const missing = Object.entries(sources).flatMap(([file, source]) => {
    if (file.includes(".test.")) return [];
    const namespace = /useTranslation\("(\w+)"\)/.exec(source)?.[1];
    const used = [...source.matchAll(/\bt\(\s*"([\w.:-]+)"/g)].map((match) => match[1]!);
    return used
      .filter(
        (key) => ![key, `${namespace}:${key}`, `shared:${key}`].some((name) => known.has(name)),
      )
      .map((key) => `${file}: ${key}`);
  });
  expect(missing).toEqual([]);
});
