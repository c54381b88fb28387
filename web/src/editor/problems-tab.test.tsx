// The list of problems: every one with its node, and a way there.
import { fireEvent, screen } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";
import { setLanguage } from "../shared/i18n";
import type { DockProps } from "../model/dock";
import { open, show, specOf } from "./rendering";
import { setProblems } from "./problems-store";
import { ProblemsTab } from "./problems-tab";

beforeEach(async () => {
  await setLanguage("en");
  open({ nodes: [{ id: "a", component: "train", name: "My node" }] }, [specOf("train")]);
});

const tab = (onChoose: (id: string) => void) => (
  <ProblemsTab {...({ onChoose } as unknown as DockProps)} />
);

test("a click on a problem chooses its node", () => {
  setProblems([{ code: "x.y", message: "Wrong.", hint: "Mend it.", node: "a" }]);
  const choose = vi.fn();
  show(tab(choose));
  const row = screen.getByRole("button");
  expect(row.textContent).toBe("My nodeWrong. Mend it.");
  fireEvent.click(row);
  expect(choose).toHaveBeenCalledWith("a");
});

test("without problems it says so", () => {
  setProblems([]);
  show(tab(() => {}));
  expect(screen.queryByRole("button")).toBeNull();
  expect(screen.getByText(/./).textContent).not.toBe("");
});
