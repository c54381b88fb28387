// The REST interface, typed by its OpenAPI document, with one way to fail.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];
export type ProblemItem = Schemas["ProblemItem"];

/** A refusal of the server: `problems` says what, where, and the way out. Status 0: it is away. */
export class ApiError extends Error {
  readonly status: number;
  readonly problems: ProblemItem[];
  readonly body: unknown;

  constructor(status: number, message: string, problems: ProblemItem[], body: unknown = null) {
    super(message);
    this.status = status;
    this.problems = problems;
    this.body = body;
  }
}

export const BASE = `${new URL(".", location.href).pathname.replace(/\/$/, "")}`;

/** Routes that are in the OpenAPI document: `api.GET("/api/v1/runs", …)`. */
export const api = createClient<paths>({ baseUrl: BASE, fetch: checked });

async function checked(input: Request): Promise<Response> {
  const response = await fetch(input).catch(() => {
    throw new ApiError(0, "The studio does not answer.", []);
  });
  if (response.ok) return response;
  throw await asError(response);
}

async function asError(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => null);
  const details = (body ?? {}) as Partial<Schemas["ProblemDetails"]>;
  const message = details.detail ?? `${response.status} ${response.statusText}`;
  return new ApiError(response.status, message, (details.errors ?? []) as ProblemItem[], body);
}

/** The data of an answer; refusals have been thrown already. */
export async function data<T>(answer: Promise<{ data?: T }>): Promise<T> {
  return (await answer).data as T;
}

export interface Options {
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** A route by its address, for what OpenAPI cannot say (headers of answers, routes to come). */
export async function call<T>(
  method: string,
  path: string,
  options: Options = {},
): Promise<{ data: T; headers: Headers; status: number }> {
  const { body, headers = {}, signal } = options;
  const response = await checked(
    new Request(`${location.origin}${BASE}/api/v1${path}`, {
      method,
      headers: body === undefined ? headers : { "Content-Type": "application/json", ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: signal ?? null,
    }),
  );
  const text = await response.text();
  const json = response.headers.get("content-type")?.includes("json") && text;
  const value = (json ? JSON.parse(text) : text) as T;
  return { data: value, headers: response.headers, status: response.status };
}
