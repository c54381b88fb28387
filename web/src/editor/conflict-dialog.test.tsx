// Two people changed one draft: nothing is overwritten before one of them decides.
import { fireEvent, screen } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";
import { emptyDocument } from "../model/document";
import { setLanguage } from "../shared/i18n";
import { open, show, specOf } from "./rendering";
import ConflictDialog from "./conflict-dialog";
import { useSaver } from "./saver";

beforeEach(async () => {
  await setLanguage("en");
  open({ nodes: [{ id: "mine", component: "train", name: "Mine" }] }, [specOf("train")]);
});

test("without a conflict there is no dialog", () => {
  useSaver.setState({ state: "saved", theirs: null });
  show(<ConflictDialog />);
  expect(screen.queryByRole("dialog")).toBeNull();
});

test("it offers a copy, theirs, and the difference; it cannot be closed without a choice", () => {
  const theirs = { document: emptyDocument("Test") };
  useSaver.setState({ state: "conflict", theirs: theirs as never });
  show(<ConflictDialog />);
  const buttons = screen.getAllByRole("button").map(({ textContent }) => textContent);
  expect(buttons).toHaveLength(3);
  fireEvent.keyDown(screen.getByRole("dialog"), { key: "Escape" });
  expect(screen.getByRole("dialog")).toBeTruthy();
  fireEvent.click(screen.getAllByRole("button")[2]!);
  expect(screen.getByText(/Mine/)).toBeTruthy();
});
