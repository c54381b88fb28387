// Keys on the canvas: React Flow's own are off, commands come from the registry.
import { isComposing, isEditable } from "../shared/keys";
import { runChord } from "./commands";

/** React Flow would delete, select and move by keys of its own, past our history. */
export const BASE_KEYS = {
  deleteKeyCode: null,
  selectionKeyCode: "Shift",
  multiSelectionKeyCode: ["Shift", "Meta", "Control"],
  panActivationKeyCode: "Space",
  zoomActivationKeyCode: ["Control", "Meta"],
};

export function onCanvasKey(event: KeyboardEvent): void {
  if (isComposing(event) || isEditable(event.target)) return;
  if (runChord(event, "canvas")) {
    event.preventDefault();
    event.stopPropagation();
  }
}
