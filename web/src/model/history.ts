// One undo stack over everything in a document; one action of a person is one step.

export interface History<T> {
  past: readonly T[];
  present: T;
  future: readonly T[];
  /** Names the running action: changes with the same tag become one step. */
  tag: string | null;
  at: number;
}

const LIMIT = 200;
const PAUSE_MS = 1500;

export const begin = <T>(present: T): History<T> => ({
  past: [],
  present,
  future: [],
  tag: null,
  at: 0,
});

/** tag: typing into one field, or nudging, in one go, is one step. */
export function record<T>(
  history: History<T>,
  next: T,
  tag: string | null = null,
  now = Date.now(),
): History<T> {
  if (next === history.present) return history;
  const continues = tag !== null && tag === history.tag && now - history.at < PAUSE_MS;
  const past = continues ? history.past : [...history.past, history.present].slice(-LIMIT);
  return { past, present: next, future: [], tag, at: now };
}

export function undo<T>(history: History<T>): History<T> {
  const last = history.past.at(-1);
  if (last === undefined) return history;
  const { past, present, future } = history;
  return { past: past.slice(0, -1), present: last, future: [present, ...future], tag: null, at: 0 };
}

export function redo<T>(history: History<T>): History<T> {
  const [next, ...future] = history.future;
  if (next === undefined) return history;
  return { past: [...history.past, history.present], present: next, future, tag: null, at: 0 };
}
