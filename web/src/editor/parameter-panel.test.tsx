// The form of a node: every kind of field writes its value, errors stand at their field.
import { fireEvent, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import { findNode } from "../model/document";
import { setLanguage } from "../shared/i18n";
import { open, show, specOf } from "./rendering";
import { ParameterPanel } from "./parameter-panel";
import { setProblems } from "./problems-store";
import { useSchemas } from "./schemas-store";
import { present, redoEdit, undoEdit } from "./store";

const train = specOf("train", {
  rate: { type: "number", default: 0.1, title: "Rate" },
  epochs: { type: "integer", default: 3, title: "Epochs" },
  name: { type: "string", default: "", title: "Name" },
  shuffle: { type: "boolean", default: true, title: "Shuffle" },
  loss: { enum: ["log", "focal"], default: "log", title: "Loss" },
  label: { type: "string", format: "column", title: "Label" },
  layers: { type: "array", items: { type: "integer" }, default: [], title: "Layers" },
  extra: { type: "object", default: {}, title: "Extra" },
});
const other = specOf("other", { rate: { type: "number", default: 0.1, title: "Rate" } });
const nodes = [
  { id: "a", component: "train", name: "A", parameters: { rate: 0.5 } },
  { id: "b", component: "other", name: "B", parameters: {} },
  { id: "lost", component: "gone", name: "Lost", parameters: { rate: 1, old: 2 } },
];
const edges = [{ source: { node: "a", port: "table" }, target: { node: "lost", port: "table" } }];
const parametersOf = (id: string) => findNode(present(), id)!.parameters;

beforeEach(async () => {
  await setLanguage("en");
  setProblems([]);
  useSchemas.setState({ nodes: {} as never });
  open({ nodes, edges }, [train, other], ["a"]);
});

test.each([
  ["Rate", "0.25", { rate: 0.25 }],
  ["Epochs", "7", { epochs: 7 }],
  ["Name", "deep", { name: "deep" }],
  ["Label", "click", { label: "click" }],
  ["Extra", '{"a": 1}', { extra: { a: 1 } }],
])("%s takes %s", (label, text, expected) => {
  show(<ParameterPanel />);
  fireEvent.change(screen.getByLabelText(label), { target: { value: text } });
  expect(parametersOf("a")).toMatchObject(expected);
});

test("a switch, a choice and a list write their values, too", async () => {
  show(<ParameterPanel />);
  fireEvent.click(screen.getByLabelText("Shuffle"));
  await userEvent.type(screen.getByLabelText("Layers"), "64{Enter}32{Enter}");
  expect(parametersOf("a")).toMatchObject({ shuffle: false, layers: [64, 32] });
});

test("what is no number is kept as text, so that nothing typed is lost", () => {
  show(<ParameterPanel />);
  fireEvent.change(screen.getByLabelText("Rate"), { target: { value: "1e" } });
  expect(parametersOf("a")).toMatchObject({ rate: "1e" });
});

test("a problem stands at its field, in the language that is shown", async () => {
  setProblems([
    {
      code: "parameter.required",
      message: "Parameter 'label' of 'A' is not set.",
      node: "a",
      node_name: "A",
      field: "label",
    },
  ]);
  await setLanguage("zh");
  show(<ParameterPanel />);
  expect(screen.getByRole("alert").textContent).toContain("“A”缺少参数 `label`");
  await setLanguage("en");
});

test("several nodes share a field; mixed values are told, and one change is one step", async () => {
  open({ nodes, edges }, [train, other], ["a", "b"]);
  show(<ParameterPanel />);
  expect(await screen.findByText(/Mixed/)).toBeTruthy();
  expect(screen.queryByLabelText("Epochs")).toBeNull();
  fireEvent.change(screen.getByLabelText("Rate"), { target: { value: "0.3" } });
  expect([parametersOf("a"), parametersOf("b")]).toEqual([{ rate: 0.3 }, { rate: 0.3 }]);
  undoEdit();
  expect([parametersOf("a"), parametersOf("b")]).toEqual([{ rate: 0.5 }, {}]);
  redoEdit();
});

test("an unknown component is replaced; what the new one knows by name stays", async () => {
  open({ nodes, edges }, [train, other], ["lost"]);
  show(<ParameterPanel />);
  await userEvent.type(await screen.findByRole("combobox", { name: "Replace with…" }), "oth");
  await userEvent.click(await screen.findByRole("option", { name: "other" }));
  await userEvent.click(screen.getByRole("button", { name: "Replace" }));
  expect(findNode(present(), "lost")).toMatchObject({
    component: "other",
    name: "Lost",
    parameters: { rate: 1 },
  });
  expect(present().edges).toEqual(edges);
});
