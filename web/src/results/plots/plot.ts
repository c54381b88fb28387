// The plots of a report as `studio.component.plot` writes them. They come from code that others
// wrote: what is not known is refused, and nothing in them may load a file or run as code.
type Json = Record<string, unknown>;

export type Plot = { title: string } & (
  | { kind: "image"; source: string }
  | { kind: "vega-lite"; spec: Json }
  | { kind: "plotly"; data: Json[]; layout: Json }
  | { kind: "refused"; reason: "kind" | "image" | "form" | "loads" }
);

const PICTURES = ["image/png", "image/jpeg", "image/webp"];
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A report's plots, and its document without them. */
export function takePlots(document: Json): { plots: Plot[]; rest: Json } {
  const { plots, ...rest } = document;
  const isList = Array.isArray(plots) && plots.every((item) => isObject(item) && "kind" in item);
  return isList ? { plots: plots.map(readPlot), rest } : { plots: [], rest: document };
}

function readPlot(item: Json): Plot {
  const title = typeof item.title === "string" ? item.title : "";
  switch (item.kind) {
    case "image": {
      const { media_type: type, data } = item;
      const isPicture =
        typeof type === "string" &&
        PICTURES.includes(type) &&
        typeof data === "string" &&
        BASE64.test(data);
      return isPicture
        ? { title, kind: "image", source: `data:${type};base64,${data}` }
        : { title, kind: "refused", reason: "image" };
    }
    case "vega-lite":
      if (!isObject(item.spec)) return { title, kind: "refused", reason: "form" };
      return loads(item.spec)
        ? { title, kind: "refused", reason: "loads" }
        : { title, kind: "vega-lite", spec: item.spec };
    case "plotly": {
      const { data, layout } = isObject(item.figure) ? item.figure : {};
      if (!Array.isArray(data) || !data.every(isObject))
        return { title, kind: "refused", reason: "form" };
      return { title, kind: "plotly", data, layout: isObject(layout) ? withoutFiles(layout) : {} };
    }
    default:
      return { title, kind: "refused", reason: "kind" };
  }
}

/** Pictures of a Plotly layout are addresses; its maps want tiles. */
function withoutFiles({ images: _images, mapbox: _mapbox, map: _map, ...layout }: Json): Json {
  return layout;
}

/** Whether a specification has data from an address, in itself or in one of its layers. */
function loads(spec: unknown): boolean {
  if (Array.isArray(spec)) return spec.some(loads);
  if (!isObject(spec)) return false;
  const isFile = isObject(spec.data) && "url" in spec.data;
  return isFile || Object.entries(spec).some(([name, part]) => name !== "values" && loads(part));
}
