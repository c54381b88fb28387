import { expect, test } from "vitest";
import type { Spec } from "./document";
import { byCategory, search, suggest, type Entry } from "./palette";
import { SPECS } from "./testing";

const CHINESE: Record<string, string> = { embedding: "嵌入", fm: "因子分解机", split: "拆分" };

const entries: Entry[] = [...SPECS.values()].map((spec) => ({
  spec,
  title: spec.title,
  category: spec.category,
  haystack: `${spec.name} ${spec.title} ${CHINESE[spec.name] ?? ""}`.toLowerCase(),
}));
const names = (found: Entry[]) => found.map(({ spec }) => spec.name);

test("a search finds the name first, then its beginning, then letters in order", () => {
  expect(names(search(entries, "fm"))[0]).toBe("fm");
  expect(names(search(entries, "emb"))).toEqual(["embedding"]);
  expect(names(search(entries, "ftmp"))).toEqual(["feature_map"]);
  expect(search(entries, "nothing like this")).toEqual([]);
});

test("a search finds Chinese words, too, whatever language is shown", () => {
  expect(names(search(entries, "嵌入"))).toEqual(["embedding"]);
});

test("only what fits a port is suggested, the usual followers first, own habits above them", () => {
  const wanted = { kind: "embedding", side: "inputs" } as const;
  expect(names(suggest(entries, wanted, "embedding"))).toEqual(["fm"]);
  const table = { kind: "table", side: "inputs" } as const;
  expect(names(suggest(entries, table, "split"))[0]).toBe("feature_map");
  expect(names(suggest(entries, table, "split", { split: { encode: 9 } }))[0]).toBe("encode");
});

test("categories come in the order of work, unknown ones last", () => {
  const spec = (category: string) => ({ spec: { category } as Spec }) as Entry;
  const order = byCategory([spec("Zebra"), spec("Evaluation"), spec("Source and target")]);
  expect(order.map(([name]) => name)).toEqual(["Source and target", "Evaluation", "Zebra"]);
});
