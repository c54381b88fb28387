// Components are found by both languages; the menu at the pointer shows what fits, and places it.
import { fireEvent, screen } from "@testing-library/react";
import { ReactFlowProvider } from "@xyflow/react";
import { beforeEach, expect, test } from "vitest";
import { loadComponentTexts } from "../shared/component-text";
import { setLanguage } from "../shared/i18n";
import { open, show, specOf } from "./rendering";
import { Palette } from "./palette";
import { QuickAdd } from "./quick-add";
import { present, useEditor } from "./store";

const model = [{ name: "model", kind: "model", required: true, many: false }] as never;
const specs = [
  specOf("split", {}, { title: "Split", package: "tables", category: "Data preprocessing" }),
  specOf("predict", {}, { title: "Predict", inputs: model }),
  specOf("join", {}, { title: "Join", package: "tables", category: "Data preprocessing" }),
];

const nodes = [{ id: "a", component: "split", name: "A", parameters: {} }];
const menu = {
  screen: { x: 10, y: 10 },
  at: { x: 0, y: 100 },
  from: { end: { node: "a", port: "table" }, side: "source" as const },
};

beforeEach(async () => {
  await loadComponentTexts();
  await setLanguage("en");
  open({ nodes }, specs);
  useEditor.setState({ quickAdd: null });
});

const flow = (content: React.ReactNode) => <ReactFlowProvider>{content}</ReactFlowProvider>;

test.each(["en", "zh"] as const)(
  "in %s a search finds the English and the Chinese name",
  async (language) => {
    await setLanguage(language);
    show(flow(<Palette />));
    const input = screen.getByLabelText(/^(Search components|搜索组件)$/);
    const title = language === "zh" ? "拆分" : "Split";
    for (const query of ["split", "拆分"]) {
      fireEvent.change(input, { target: { value: query } });
      expect(screen.getByText(title)).toBeTruthy();
      expect(screen.queryByText("Join")).toBeNull();
    }
    await setLanguage("en");
  },
);

test("an edge that is dropped offers only what takes it, and Enter places and connects the first", () => {
  useEditor.setState({ quickAdd: menu });
  show(flow(<QuickAdd />));
  expect(screen.queryByText("Predict")).toBeNull();
  expect(screen.getByText("Split")).toBeTruthy();
  const input = screen.getByLabelText(/^(Search components|搜索组件)$/);
  fireEvent.change(input, { target: { value: "joi" } });
  fireEvent.keyDown(input, { key: "Enter" });
  expect(present().nodes.map(({ component }) => component)).toEqual(["split", "join"]);
  expect(present().edges).toMatchObject([{ source: { node: "a" }, target: { port: "table" } }]);
});

test("Enter that ends a Chinese composition places nothing", () => {
  useEditor.setState({ quickAdd: menu });
  show(flow(<QuickAdd />));
  fireEvent.keyDown(screen.getByLabelText(/^(Search components|搜索组件)$/), {
    key: "Enter",
    isComposing: true,
    keyCode: 229,
  });
  expect(present().nodes).toHaveLength(1);
});
