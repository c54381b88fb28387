// Order and filters are spelled as the server reads them.
import { expect, test } from "vitest";
import { NO_ORDER, nextOrder, rowsAddress } from "./rows-query";

test("without order and filter only the page is asked for", () => {
  expect(rowsAddress("/artifacts/d", NO_ORDER, 200, 100)).toBe(
    "/artifacts/d/rows?offset=200&limit=100",
  );
});

test("every filter is a part of its own, and the largest first has a minus", () => {
  const address = rowsAddress(
    "/datasets/a",
    {
      order: { column: "price", descending: true },
      filters: [
        { column: "city", operator: "~", value: "a&b" },
        { column: "age", operator: "is null", value: "" },
      ],
    },
    0,
    10,
  );
  expect(new URLSearchParams(address.split("?")[1]).getAll("filter")).toEqual([
    "city~a&b",
    "age is null",
  ]);
  expect(address).toContain("order=-price");
});

test("pressing a header goes up, down, and back to the order of the table", () => {
  const up = nextOrder(null, "a");
  const down = nextOrder(up, "a");
  expect(up).toEqual({ column: "a", descending: false });
  expect(down).toEqual({ column: "a", descending: true });
  expect(nextOrder(down, "a")).toBeNull();
  expect(nextOrder(down, "b")).toEqual({ column: "b", descending: false });
});
