// Numbers never lie by rounding, and stay short.
import { describe, expect, test } from "vitest";
import * as format from "./format";

describe("numbers", () => {
  test.each([
    [0.8165933, "0.8166"],
    [0, "0"],
    [24000, "24,000"],
    [1234.5678, "1,235"],
    [12.3456, "12.35"],
    [0.0000123, "1.23e-5"],
    [null, "–"],
    [NaN, "–"],
  ])("%s is written %s", (value, text) => expect(format.formatNumber(value)).toBe(text));
});

describe("shares", () => {
  test.each([
    [0, "0%"],
    [0.00001, "<0.1%"],
    [0.0123, "1.2%"],
    [0.25716, "25.7%"],
    [0.99999, ">99.9%"],
    [1, "100%"],
  ])("%s is written %s", (share, text) => expect(format.formatShare(share)).toBe(text));
});

test("sizes are in powers of 1024", () => {
  expect(format.formatBytes(0)).toBe("0 B");
  expect(format.formatBytes(1536)).toBe("1.5 KB");
  expect(format.formatBytes(5 * 1024 ** 3)).toBe("5.0 GB");
});

test("a small p-value is a bound, not zero", () => {
  expect(format.formatChance(1e-9)).toBe("p < 0.001");
  expect(format.formatChance(0.04)).toBe("p = 0.040");
  expect(format.formatChance(0.734)).toBe("p = 0.73");
});

test("differences keep their sign", () => {
  expect(format.formatDifference(0.0123)).toBe("+0.0123");
  expect(format.formatDifference(-0.5, 1)).toBe("−0.5");
});
