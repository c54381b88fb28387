// A pipeline that begins with a dataset.
import { call } from "../../api/client";

/** How a parameter names an uploaded file. */
export const datasetPath = (name: string): string => `dataset:${name}`;

export function documentFrom(dataset: string, title: string) {
  return {
    schema_version: 1,
    name: title,
    nodes: [
      {
        id: "read_table",
        component: "read_table",
        version: "1.0",
        name: dataset,
        parameters: { path: datasetPath(dataset) },
      },
    ],
    edges: [],
    layout: { nodes: { read_table: { x: 0, y: 0 } }, frames: [], notes: [] },
  };
}

/** The id of the new pipeline. */
export async function startPipeline(dataset: string): Promise<string> {
  const title = dataset.replace(/\.[^.]+$/, "");
  const body = documentFrom(dataset, title);
  return (await call<{ id: string }>("POST", "/pipelines", { body })).data.id;
}
