// Keys: what belongs to text that is being typed, and how a chord is written and recognised.
import type { KeyboardEvent as ReactKeyboardEvent } from "react";

type AnyKey = KeyboardEvent | ReactKeyboardEvent;

let endedAt = 0;
addEventListener("compositionend", () => (endedAt = performance.now()), true);

/** True while a person composes Chinese or Japanese, and for the key that ends it. */
export function isComposing(event: AnyKey): boolean {
  const native = "nativeEvent" in event ? event.nativeEvent : event;
  return native.isComposing || native.keyCode === 229 || performance.now() - endedAt < 30;
}

/** True where keys write text. */
export function isEditable(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target.closest("input, textarea, select, [contenteditable=true], .cm-editor") !== null)
  );
}

const IS_MAC = /mac/i.test(navigator.platform);

/** "Mod+Shift+Z": Mod is Ctrl, or Cmd on macOS. */
export function matches(event: AnyKey, chord: string): boolean {
  const parts = chord === "+" ? ["+"] : chord.split("+");
  const key = parts.at(-1)!;
  const wants = (name: string) => parts.slice(0, -1).includes(name);
  const mod = IS_MAC ? event.metaKey : event.ctrlKey;
  const other = IS_MAC ? event.ctrlKey : event.metaKey;
  const isShifted = /^[+?]$/.test(key) ? event.shiftKey : wants("Shift");
  return (
    mod === wants("Mod") &&
    !other &&
    event.shiftKey === isShifted &&
    event.altKey === wants("Alt") &&
    (event.key.toLowerCase() === key.toLowerCase() ||
      event.code === `Key${key}` ||
      event.code === `Digit${key}`)
  );
}

const NAMES: Record<string, string> = {
  Mod: IS_MAC ? "⌘" : "Ctrl",
  Shift: IS_MAC ? "⇧" : "Shift",
  Alt: IS_MAC ? "⌥" : "Alt",
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  " ": "Space",
  Delete: "Del",
  Escape: "Esc",
};

export const chordText = (chord: string): string[] =>
  (chord === "+" ? ["+"] : chord.split("+")).map(
    (part) => NAMES[part] ?? (part.length === 1 ? part.toUpperCase() : part),
  );
