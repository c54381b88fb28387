// Weights are counted under the block that owns them.
import { expect, test } from "vitest";
import { blockFacts, readModel } from "./document";

const document = {
  blocks: [
    { id: "e1", type: "embedding", inputs: [], parameters: { dimension: 8 } },
    {
      id: "d2",
      type: "dnn",
      inputs: ["e1"],
      parameters: { hidden_units: [64, 32], activation: "relu" },
    },
  ],
  heads: ["d2"],
  combine: "sum",
  training: {
    best_epoch: 2,
    history: [
      { epoch: 1, loss: 0.5, validation_auc: 0.7 },
      { epoch: 2, loss: 0.4, validation_auc: 0.8 },
    ],
    settings: { epochs: 30 },
    rows: 100,
    steps: 10,
  },
};
const float = (...shape: number[]) => ({ shape, type: "float32" });
const arrays = {
  e1_factors: float(266, 8),
  d2_kernel_0: float(64, 64),
  readout_d2: float(32),
  output_bias: float(),
};

test("every array belongs to a block, to none, and to the total", () => {
  const model = readModel(document, arrays);
  expect(model.weights.get("e1")).toEqual([{ name: "factors", shape: [266, 8], count: 2128 }]);
  expect(model.weights.get("d2")!.map((one) => one.name)).toEqual(["kernel_0", "readout"]);
  expect(model.weights.get("")).toEqual([{ name: "output_bias", shape: [], count: 1 }]);
  expect(model.total).toBe(2128 + 4096 + 32 + 1);
  expect(model.bytes).toBe(4 * model.total);
});

test("the history is points to draw", () => {
  const { training } = readModel(document, arrays);
  expect(training!.history[1]).toEqual({ step: 2, values: { loss: 0.4, validation_auc: 0.8 } });
  expect(training!.bestEpoch).toBe(2);
});

test("blocks that were not trained yet have heads, too", () => {
  const { blocks } = document;
  expect(readModel({ blocks }, {})).toMatchObject({ heads: ["d2"], training: null, total: 0 });
});

test("a box tells what sets its block apart", () => {
  expect(readModel(document, {}).blocks.map(blockFacts)).toEqual([["K = 8"], ["64 → 32", "relu"]]);
});
