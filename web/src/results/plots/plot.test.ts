// Plots of a report: what is drawn, and what is not.
import { expect, test } from "vitest";
import { takePlots } from "./plot";

const one = (item: Record<string, unknown>) => takePlots({ plots: [item] }).plots[0]!;

test("a report is its plots and what is left without them", () => {
  const image = { kind: "image", media_type: "image/png", data: "QUJD", title: "Loss" };
  const { plots, rest } = takePlots({ rows: 3, plots: [image] });
  expect(plots).toEqual([{ title: "Loss", kind: "image", source: "data:image/png;base64,QUJD" }]);
  expect(rest).toEqual({ rows: 3 });
});

test.each([
  [{ media_type: "image/svg+xml", data: "QUJD" }],
  [{ media_type: "text/html", data: "QUJD" }],
  [{ media_type: "image/png", data: '"><script>' }],
  [{ media_type: "image/png" }],
])("a picture that may be a page is refused: %j", (item) => {
  expect(one({ kind: "image", ...item })).toMatchObject({ kind: "refused", reason: "image" });
});

test("a Plotly figure keeps its traces and layout, but loads no picture and no map", () => {
  const figure = {
    data: [{ type: "bar", y: [1, 2] }],
    layout: { title: { text: "A" }, images: [{ source: "https://x.test/a.png" }], mapbox: {} },
  };
  expect(one({ kind: "plotly", figure })).toEqual({
    title: "",
    kind: "plotly",
    data: [{ type: "bar", y: [1, 2] }],
    layout: { title: { text: "A" } },
  });
});

test("a specification that loads its data is refused, also in a layer", () => {
  const file = { data: { url: "https://x.test/a.csv" }, mark: "bar" };
  for (const spec of [file, { layer: [file] }, { spec: file }])
    expect(one({ kind: "vega-lite", spec })).toMatchObject({ kind: "refused", reason: "loads" });
  const inline = { data: { values: [{ data: { url: 1 } }] }, mark: "bar" };
  expect(one({ kind: "vega-lite", spec: inline }).kind).toBe("vega-lite");
});

test("what has not the form of a plot is refused, not drawn wrongly", () => {
  expect(one({ kind: "plotly", figure: { data: "x" } })).toMatchObject({ kind: "refused" });
  expect(one({ kind: "vega-lite", spec: [] })).toMatchObject({ kind: "refused" });
  expect(one({ kind: "html", data: "<b>" })).toMatchObject({ kind: "refused", reason: "kind" });
});

test("a list `plots` that holds no plots stays in the document", () => {
  expect(takePlots({ plots: [1, 2] })).toEqual({ plots: [], rest: { plots: [1, 2] } });
});
