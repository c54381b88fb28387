// Follows the view: what must be mounted as it moves, and what a box selects.
import { useStoreApi } from "@xyflow/react";
import { useEffect, useReducer, useState } from "react";
import type { Document } from "../model/document";
import { itemsInside } from "../model/inside";
import { present, select, useEditor } from "./store";
import { sightOf } from "./viewport";
import { Window, type Shown } from "./window";

/** What is mounted of the document where the view is now. */
export function useShown(document: Document): Shown {
  const flow = useStoreApi();
  const [frame] = useState(() => new Window());
  const [, again] = useReducer((count: number) => count + 1, 0);
  const look = (from: Document) => {
    const state = flow.getState();
    return frame.look(from, sightOf(state), state.transform[2]);
  };
  const shown = look(document);
  useEffect(
    () =>
      flow.subscribe((state, before) => {
        const { transform, width, height } = state;
        if (transform === before.transform && width === before.width && height === before.height) {
          return;
        }
        const is = frame.look(present(), sightOf(state), transform[2]);
        if (is !== frame.given) again();
      }),
    [flow, frame],
  );
  useEffect(() => {
    frame.given = shown;
    if (!shown.isGrowing) return;
    const next = requestAnimationFrame(again);
    return () => cancelAnimationFrame(next);
  }, [frame, shown]);
  return shown;
}

/** A box selects of the document, so also what is no element. */
export function useBoxSelection(): void {
  const flow = useStoreApi();
  useEffect(
    () =>
      flow.subscribe((state, before) => {
        const { userSelectionRect: box, userSelectionActive: isActive, transform } = state;
        if (!isActive || !box || box === before.userSelectionRect) return;
        const [x, y, zoom] = transform;
        const ids = itemsInside(present(), {
          x: (box.x - x) / zoom,
          y: (box.y - y) / zoom,
          width: box.width / zoom,
          height: box.height / zoom,
        });
        const { selected } = useEditor.getState();
        if (ids.length !== selected.size || !ids.every((id) => selected.has(id))) select(ids);
      }),
    [flow],
  );
}
