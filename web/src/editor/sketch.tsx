// The pipeline as one bitmap behind the canvas: what is in sight and stands there as no element.
import { useStoreApi } from "@xyflow/react";
import { useCallback, useRef } from "react";
import { paint, type Colour, type Scene } from "./paint";
import { resize, useBitmap } from "./use-bitmap";
import { sightOf } from "./viewport";
import classes from "./canvas.module.css";

const PARTS = ["document", "specs", "steps", "selected", "dragged"] as const;

export function Sketch() {
  const element = useRef<HTMLCanvasElement>(null);
  const flow = useStoreApi();
  const draw = useCallback(
    (pen: CanvasRenderingContext2D, scene: Scene, colour: Colour) => {
      const { transform, width, height } = flow.getState();
      const sight = sightOf(flow.getState());
      if (!sight) return;
      const scale = resize(pen.canvas, width, height);
      const [x, y, zoom] = transform;
      paint(pen, scene, { x: x * scale, y: y * scale, zoom: zoom * scale, sight }, colour);
    },
    [flow],
  );
  const follow = useCallback(
    (again: () => void) =>
      flow.subscribe((state, before) => {
        const { transform, width, height } = state;
        const isMoved = transform !== before.transform;
        if (isMoved || width !== before.width || height !== before.height) again();
      }),
    [flow],
  );
  useBitmap(element, draw, PARTS, follow);
  return <canvas ref={element} className={classes.sketch} aria-hidden />;
}
