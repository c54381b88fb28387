// A bitmap that is drawn again in the next frame whenever what it shows has changed; never else.
import { useMantineColorScheme } from "@mantine/core";
import { useEffect, useRef, type RefObject } from "react";
import { coloursOf, type Colour, type Scene } from "./paint";
import { useRun } from "./run-store";
import { present, useEditor } from "./store";

type Draw = (pen: CanvasRenderingContext2D, scene: Scene, colour: Colour) => void;

function sceneOf(): Scene {
  const state = useEditor.getState();
  const { specs, selected, dragged } = state;
  return {
    document: present(state),
    specs,
    steps: useRun.getState().view?.steps,
    selected,
    dragged,
  };
}

/** parts: of the scene, those that are drawn. follow: what else makes it be drawn again; gets the
 * function to call, gives what ends it. */
export function useBitmap(
  element: RefObject<HTMLCanvasElement | null>,
  draw: Draw,
  parts: readonly (keyof Scene)[],
  follow: (again: () => void) => () => void,
): void {
  const { colorScheme } = useMantineColorScheme();
  const colour = useRef<Colour | null>(null);
  useEffect(() => {
    colour.current = null; // the colours of another theme
  }, [colorScheme]);
  useEffect(() => {
    const pen = element.current?.getContext("2d");
    if (!pen) return;
    let frame = 0;
    let shown: Scene | null = null;
    const run = () => {
      frame = 0;
      shown = sceneOf();
      colour.current ??= coloursOf(pen.canvas);
      draw(pen, shown, colour.current);
      pen.canvas.dataset.painted = "";
    };
    const again = () => {
      frame ||= requestAnimationFrame(run);
    };
    const changed = () => {
      const now = sceneOf();
      if (!shown || parts.some((part) => now[part] !== shown?.[part])) again();
    };
    const ends = [useEditor.subscribe(changed), useRun.subscribe(changed), follow(again)];
    again();
    return () => {
      cancelAnimationFrame(frame);
      ends.forEach((end) => end());
    };
  }, [element, draw, parts, follow, colorScheme]);
}

/** As many pixels as the screen has for it; emptied. */
export function resize(canvas: HTMLCanvasElement, width: number, height: number): number {
  const scale = window.devicePixelRatio || 1;
  const [wide, high] = [Math.round(width * scale), Math.round(height * scale)];
  if (canvas.width !== wide || canvas.height !== high) [canvas.width, canvas.height] = [wide, high];
  else canvas.getContext("2d")?.clearRect(0, 0, wide, high);
  return scale;
}
