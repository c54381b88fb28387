// The whole pipeline, small, in the colours of the run, with a frame around what is seen.
import { useReactFlow, useStore, useStoreApi } from "@xyflow/react";
import { useCallback, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Box } from "../model/document";
import { extentOf } from "../model/inside";
import { paintSpots, type Colour, type Scene } from "./paint";
import { resize, useBitmap } from "./use-bitmap";
import { present, useEditor } from "./store";
import { sightOf } from "./viewport";
import classes from "./canvas.module.css";

const WIDTH = 180;
const HEIGHT = 110;
const MARGIN = 8;

/** Pixels of the minimap for one of the canvas, and where the canvas's origin is in it. */
function scaleOf(extent: Box): { x: number; y: number; zoom: number } {
  const zoom = Math.min((WIDTH - 2 * MARGIN) / extent.width, (HEIGHT - 2 * MARGIN) / extent.height);
  return {
    x: (WIDTH - extent.width * zoom) / 2 - extent.x * zoom,
    y: (HEIGHT - extent.height * zoom) / 2 - extent.y * zoom,
    zoom,
  };
}

const PARTS = ["document", "steps"] as const;
const nothing = () => () => {};

export function Minimap() {
  const { t } = useTranslation("editor");
  const element = useRef<HTMLCanvasElement>(null);
  const draw = useCallback((pen: CanvasRenderingContext2D, scene: Scene, colour: Colour) => {
    const extent = extentOf(scene.document);
    const ratio = resize(pen.canvas, WIDTH, HEIGHT);
    if (!extent) return;
    const { x, y, zoom } = scaleOf(extent);
    const view = { x: x * ratio, y: y * ratio, zoom: zoom * ratio, sight: extent };
    paintSpots(pen, scene, view, colour);
  }, []);
  useBitmap(element, draw, PARTS, nothing);
  return (
    <div className={classes.minimap} role="img" aria-label={t("canvas.minimap")}>
      <canvas ref={element} style={{ width: WIDTH, height: HEIGHT }} />
      <Seen />
    </div>
  );
}

/** The frame around what is seen; a press in the minimap brings the place there into the middle. */
function Seen() {
  const flow = useReactFlow();
  const store = useStoreApi();
  const document = useEditor(present);
  const sight = useStore(sightOf, (a, b) => JSON.stringify(a) === JSON.stringify(b));
  const extent = extentOf(document);
  if (!extent || !sight) return null;
  const { x, y, zoom } = scaleOf(extent);
  const look = (event: React.PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const to = [event.clientX - box.left - x, event.clientY - box.top - y];
    const { transform } = store.getState();
    void flow.setCenter(to[0]! / zoom, to[1]! / zoom, { zoom: transform[2] });
  };
  return (
    <div
      className={classes.minimapPane}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        look(event);
      }}
      onPointerMove={(event) => event.buttons > 0 && look(event)}
      onWheel={(event) =>
        void flow.zoomTo(store.getState().transform[2] * (event.deltaY > 0 ? 0.8 : 1.25))
      }
    >
      <div
        className={classes.seen}
        style={{
          left: sight.x * zoom + x,
          top: sight.y * zoom + y,
          width: sight.width * zoom,
          height: sight.height * zoom,
        }}
      />
    </div>
  );
}
