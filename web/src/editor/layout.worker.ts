// Runs beside the page: dagre, by tight trees, as its default ranker takes seconds on large graphs.
import { Graph, layout } from "@dagrejs/dagre";

export interface LayoutRequest {
  ids: string[];
  edges: [source: string, target: string][];
  width: number;
  height: number;
}

self.onmessage = ({ data }: MessageEvent<LayoutRequest>) => {
  const graph = new Graph({ multigraph: false });
  graph.setGraph({ rankdir: "TB", ranker: "tight-tree", nodesep: 40, ranksep: 56 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const id of data.ids) graph.setNode(id, { width: data.width, height: data.height });
  for (const [source, target] of data.edges) graph.setEdge(source, target);
  layout(graph);
  const places = data.ids.map((id) => {
    const { x, y } = graph.node(id) as { x: number; y: number };
    return [id, { x: x - data.width / 2, y: y - data.height / 2 }];
  });
  self.postMessage(Object.fromEntries(places));
};
