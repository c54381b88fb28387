// Components that this person used last, and what they put after what. Kept in this browser.
import { create } from "zustand";
import type { Follows } from "../model/palette";
import { readJson, writeJson } from "../shared/storage";

const RECENTS = "studio.recents";
const FOLLOWS = "studio.follows";
const MOST = 6;

export const useRecents = create(() => ({
  recents: readJson<string[]>(RECENTS, []),
  follows: readJson<Follows>(FOLLOWS, {}),
}));

export function remember(name: string): void {
  useRecents.setState(({ recents }) => {
    const next = [name, ...recents.filter((other) => other !== name)].slice(0, MOST);
    writeJson(RECENTS, next);
    return { recents: next };
  });
}

export function learn(before: string, after: string): void {
  useRecents.setState(({ follows }) => {
    const row = follows[before] ?? {};
    const next = { ...follows, [before]: { ...row, [after]: (row[after] ?? 0) + 1 } };
    writeJson(FOLLOWS, next);
    return { follows: next };
  });
}
