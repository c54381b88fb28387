// Habits of the canvas that a person chooses. Kept in this browser.
import { create } from "zustand";
import { readJson, writeJson } from "./storage";

export interface Preferences {
  leftDragPans: boolean;
  showsMinimap: boolean;
  showsPalette: boolean;
  showsPanel: boolean;
  showsDock: boolean;
  hasReadCoach: boolean;
}

const KEY = "studio.preferences";
const DEFAULTS: Preferences = {
  leftDragPans: false,
  showsMinimap: true,
  showsPalette: true,
  showsPanel: true,
  showsDock: true,
  hasReadCoach: false,
};

export const usePreferences = create<Preferences>()(() => ({
  ...DEFAULTS,
  ...readJson<Partial<Preferences>>(KEY, {}),
}));

export function prefer(change: Partial<Preferences>): void {
  usePreferences.setState(change);
  writeJson(KEY, usePreferences.getState());
}

export const toggle = (name: keyof Preferences): void =>
  prefer({ [name]: !usePreferences.getState()[name] });
