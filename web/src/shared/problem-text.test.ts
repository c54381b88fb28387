import { afterEach, beforeEach, expect, test } from "vitest";
import { setLanguage } from "./i18n";
import { hintText, problemText } from "./problem-text";

beforeEach(() => setLanguage("zh"));
afterEach(() => setLanguage("en"));

const reason = (code: string, values: Record<string, unknown>) => ({
  code,
  message: "in English",
  arguments: values,
});

test("a reason is told in Chinese by its code and arguments", () => {
  const changed = reason("parameter_changed", { parameter: "lr", before: "1", after: "2" });
  expect(problemText(changed)).toBe("`lr` 1 → 2");
  expect(problemText(reason("not_part_though", { change: reason("volatile", {}) }))).toBe(
    "不在此次运行中：使用其上次结果，尽管该组件从不复用",
  );
  expect(problemText(reason("upstream_ended", { node_name: "A", state: "failed" }))).toContain(
    "失败",
  );
});

test("what has no Chinese, or lacks a value, is told as the server wrote it", () => {
  expect(problemText(reason("nobody.knows", {}))).toBe("in English");
  expect(problemText(reason("input_changed", {}))).toBe("in English");
});

test("a problem and its hint are told by the fields of the problem", () => {
  const problem = { ...reason("port.unconnected", {}), node_name: "训练", port: "logits" };
  expect(problemText(problem)).toBe("“训练”的端口 `logits` 未连接。");
  expect(hintText(problem)).toBe("");
  expect(hintText({ ...problem, hint: "Connect one." })).toBe("请连接一个上游节点。");
});

test("of several texts the first is taken whose arguments are told", () => {
  const missing = reason("column.missing", { name: "age", near: "'ages'" });
  expect(problemText(missing)).toBe("表中没有列 `age`。");
  expect(hintText({ ...missing, hint: "Did you mean 'ages'?" })).toBe("是不是 'ages'？");
  expect(problemText(reason("column.missing", {}))).toBe("表中缺少该列。");
});

test("kinds and places among the arguments are in Chinese, too", () => {
  expect(problemText(reason("examples.empty", { where: "training examples" }))).toBe(
    "训练样本没有行。",
  );
});

test("what a form refuses is told by its field, whatever the rule is called", () => {
  const refused = { ...reason("request.int_parsing", {}), field: "limit" };
  expect(problemText(refused)).toBe("请求的格式不正确。");
});

test("English is what the server wrote", async () => {
  await setLanguage("en");
  expect(problemText(reason("volatile", {}))).toBe("in English");
});
