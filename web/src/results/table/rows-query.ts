// Which rows are asked for: order and filters, as the server reads them.
export const OPERATORS = ["=", "!=", "<", "<=", ">", ">=", "~", "!~"] as const;
export type Operator = (typeof OPERATORS)[number] | "is null" | "is not null";

export interface Filter {
  column: string;
  operator: Operator;
  value: string;
}

export interface Order {
  column: string;
  descending: boolean;
}

export interface RowsAsked {
  order: Order | null;
  filters: readonly Filter[];
}

export const NO_ORDER: RowsAsked = { order: null, filters: [] };

export const filterText = ({ column, operator, value }: Filter): string =>
  operator.startsWith("is") ? `${column} ${operator}` : `${column}${operator}${value}`;

export function rowsAddress(
  path: string,
  { order, filters }: RowsAsked,
  offset: number,
  limit: number,
): string {
  const query = new URLSearchParams({ offset: String(offset), limit: String(limit) });
  if (order) query.set("order", `${order.descending ? "-" : ""}${order.column}`);
  for (const filter of filters) query.append("filter", filterText(filter));
  return `${path}/rows?${query.toString()}`;
}

/** The next order when a header is pressed: smallest first, largest first, as in the table. */
export function nextOrder(order: Order | null, column: string): Order | null {
  if (order?.column !== column) return { column, descending: false };
  return order.descending ? null : { column, descending: true };
}
