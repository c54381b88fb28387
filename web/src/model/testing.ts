// Specs and documents for tests: those of tests/cases, which the server's tests read, too.
import cases from "../../../tests/cases/connections.json";
import { fill, type Document, type End, type Spec, type Specs } from "./document";

export interface Case {
  name: string;
  source: End;
  target: End;
  reason: string | null;
  replaces: End | null;
}

const common = {
  package: "cases",
  version: "1.0",
  category: "Cases",
  summary: "",
  documentation: "",
  parameters: { type: "object", properties: {} },
  digest: "0".repeat(64),
  file: "",
};

export const SPECS: Specs = new Map(
  cases.specs.map((spec) => [
    spec.name,
    { ...common, title: spec.name, ...spec } as unknown as Spec,
  ]),
);

export const DOCUMENT: Document = fill({
  schema_version: 1,
  name: "Cases",
  nodes: cases.nodes,
  edges: cases.edges,
});

export const CASES = cases.cases as Case[];
