import fc from "fast-check";
import { expect, test } from "vitest";
import { checkConnection } from "./connections";
import {
  addFrame,
  addNode,
  addNote,
  connect,
  moveNodes,
  removeNodes,
  setDisabled,
  setParameter,
  type Document,
} from "./document";
import { align, paste, removeAndReconnect, toClip } from "./edit";
import { begin, record, redo, undo } from "./history";
import { DOCUMENT, SPECS } from "./testing";

type Edit = (document: Document, pick: (from: readonly unknown[]) => number) => Document;

const specs = [...SPECS.values()];
const idAt = (document: Document, at: number) => document.nodes[at]?.id ?? "none";

const EDITS: Edit[] = [
  (document, pick) => addNode(document, specs[pick(specs)]!, { x: pick(specs) * 40, y: 8 })[0],
  (document, pick) => removeNodes(document, new Set([idAt(document, pick(document.nodes))])),
  (document, pick) => {
    const [from, to] = [pick(document.nodes), pick(document.nodes)].map((at) => document.nodes[at]);
    const source = {
      node: from?.id ?? "",
      port: SPECS.get(from?.component ?? "")?.outputs[0]?.name ?? "",
    };
    const target = {
      node: to?.id ?? "",
      port: SPECS.get(to?.component ?? "")?.inputs[0]?.name ?? "",
    };
    const verdict = checkConnection(document, SPECS, source, target);
    return verdict.allowed ? connect(document, { source, target }, verdict.isMany) : document;
  },
  (document, pick) =>
    moveNodes(document, { [idAt(document, pick(document.nodes))]: { x: pick(specs) * 8, y: 64 } }),
  (document, pick) =>
    setParameter(document, idAt(document, pick(document.nodes)), "rate", pick(specs)),
  (document, pick) => {
    const clip = toClip(document, new Set([idAt(document, pick(document.nodes))]));
    return paste(document, clip, { x: 32, y: 32 }, true)[0];
  },
  (document, pick) => addFrame(document, [idAt(document, pick(document.nodes))], "Frame"),
  (document) => addNote(document, { x: 1, y: 2 }, "note"),
  (document, pick) => setDisabled(document, new Set([idAt(document, pick(document.nodes))]), true),
  (document, pick) =>
    removeAndReconnect(document, SPECS, new Set([idAt(document, pick(document.nodes))])),
  (document) =>
    align(
      document,
      document.nodes.slice(0, 3).map(({ id }) => id),
      "left",
    ),
];

const storms = fc.array(fc.tuple(fc.nat(EDITS.length - 1), fc.nat(), fc.nat()), {
  minLength: 1,
  maxLength: 30,
});

test("undoing a storm of edits gives the first document, redoing it gives the last", () => {
  fc.assert(
    fc.property(storms, (storm) => {
      let history = begin(DOCUMENT);
      for (const [which, a, b] of storm) {
        let turn = 0;
        const pick = (from: readonly unknown[]) => (turn++ % 2 ? b : a) % Math.max(1, from.length);
        history = record(history, EDITS[which]!(history.present, pick));
      }
      const last = history.present;
      const steps = history.past.length;
      for (let step = 0; step < steps; step++) history = undo(history);
      expect(history.present).toEqual(DOCUMENT);
      for (let step = 0; step < steps; step++) history = redo(history);
      expect(history.present).toEqual(last);
    }),
  );
});

test("every edge of a storm has both its ends", () => {
  fc.assert(
    fc.property(storms, (storm) => {
      let document = DOCUMENT;
      for (const [which, a, b] of storm) {
        let turn = 0;
        document = EDITS[which]!(
          document,
          (from) => (turn++ % 2 ? b : a) % Math.max(1, from.length),
        );
      }
      const ids = document.nodes.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      for (const { source, target } of document.edges) {
        expect(ids).toContain(source.node);
        expect(ids).toContain(target.node);
      }
    }),
  );
});

test("typing into one field is one step, a pause begins another", () => {
  let history = begin("a");
  history = record(history, "ab", "name", 1000);
  history = record(history, "abc", "name", 1400);
  expect(history.past).toEqual(["a"]);
  history = record(history, "abcd", "name", 9000);
  expect(history.past).toEqual(["a", "abc"]);
});

test("another field is another step", () => {
  let history = record(begin("a"), "b", "one", 1000);
  history = record(history, "c", "two", 1001);
  expect(history.past).toHaveLength(2);
});

test("a new edit forgets what was undone", () => {
  const history = record(undo(record(begin("a"), "b")), "c");
  expect(redo(history).present).toBe("c");
});

test("an edit that changes nothing is no step", () => {
  const history = begin(DOCUMENT);
  expect(record(history, history.present)).toBe(history);
});
