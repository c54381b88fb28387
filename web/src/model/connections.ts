// Which edge may be drawn, and why another may not. Cases shared with the server: tests/cases.
import {
  edgeId,
  findNode,
  type Document,
  type Edge,
  type End,
  type Port,
  type Spec,
  type Specs,
} from "./document";
import { descendants } from "./walk";

/** code: a word of the server where it would refuse, too. */
export interface Refusal {
  code: "edge.port" | "edge.component" | "port.kind" | "graph.cycle" | "edge.duplicate";
  arguments: Record<string, string>;
}

export type Verdict =
  { allowed: true; replaces: Edge | null; isMany: boolean } | { allowed: false; reason: Refusal };

const refuse = (code: Refusal["code"], args: Record<string, string>): Verdict => ({
  allowed: false,
  reason: { code, arguments: args },
});

export const inputOf = (spec: Spec | undefined, name: string): Port | undefined =>
  spec?.inputs.find((port) => port.name === name);

export const outputOf = (spec: Spec | undefined, name: string): Port | undefined =>
  spec?.outputs.find((port) => port.name === name);

export function specOf(document: Document, specs: Specs, node: string): Spec | undefined {
  return specs.get(findNode(document, node)?.component ?? "");
}

export function checkConnection(
  document: Document,
  specs: Specs,
  source: End,
  target: End,
): Verdict {
  const [from, to] = [source, target].map((end) => specOf(document, specs, end.node));
  if (!from || !to) return refuse("edge.component", { node: from ? target.node : source.node });
  const output = outputOf(from, source.port);
  const input = inputOf(to, target.port);
  if (!output || !input) {
    const missing = output ? target : source;
    return refuse("edge.port", { node: missing.node, port: missing.port });
  }
  if (output.kind !== input.kind) {
    return refuse("port.kind", {
      target: to.title,
      port: input.name,
      wanted: input.kind,
      given: output.kind,
    });
  }
  if (source.node === target.node || descendants(document, [target.node]).has(source.node)) {
    return refuse("graph.cycle", {});
  }
  const edge = { source, target };
  if (document.edges.some((other) => edgeId(other) === edgeId(edge))) {
    return refuse("edge.duplicate", {});
  }
  const taken = document.edges.find(
    (other) => other.target.node === target.node && other.target.port === target.port,
  );
  return {
    allowed: true,
    replaces: input.many ? null : (taken ?? null),
    isMany: input.many === true,
  };
}

/** An edge of a document whose ends do not exist or do not fit; it is kept, drawn broken. */
export function isBroken(document: Document, specs: Specs, edge: Edge): boolean {
  const output = outputOf(specOf(document, specs, edge.source.node), edge.source.port);
  const input = inputOf(specOf(document, specs, edge.target.node), edge.target.port);
  return !output || !input || output.kind !== input.kind;
}

/** The first free (or replaceable) ports by which two nodes can be connected, required ones first. */
export function firstFit(
  document: Document,
  specs: Specs,
  source: { node: string; port?: string },
  target: { node: string; port?: string },
): Edge | null {
  const outputs = specOf(document, specs, source.node)?.outputs ?? [];
  const inputs = specOf(document, specs, target.node)?.inputs ?? [];
  const wanted = [...inputs].sort((a, b) => Number(b.required) - Number(a.required));
  for (const isFree of [true, false]) {
    for (const input of wanted.filter(({ name }) => !target.port || name === target.port)) {
      for (const output of outputs.filter(({ name }) => !source.port || name === source.port)) {
        const edge = {
          source: { node: source.node, port: output.name },
          target: { node: target.node, port: input.name },
        };
        const verdict = checkConnection(document, specs, edge.source, edge.target);
        if (verdict.allowed && (!isFree || !verdict.replaces)) return edge;
      }
    }
  }
  return null;
}
