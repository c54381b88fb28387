// What is asked of the server about packages: their code, their versions, whether it may run.
import { queryOptions } from "@tanstack/react-query";
import { api, call, data, type Schemas } from "../../api/client";

export type PackageDetail = Schemas["PackageDetail"];
export type PackageVersion = Schemas["PackageVersionItem"];
export type SourceRead = Schemas["SourceRead"];
export type SourceFile = Schemas["SourceFile"];

export const packageOf = (name: string) =>
  queryOptions({
    queryKey: ["package", name],
    queryFn: async ({ signal }) =>
      (await call<PackageDetail>("GET", `/packages/${name}`, { signal })).data,
    staleTime: 5_000,
  });

export const sourceOf = (name: string, version: number) =>
  queryOptions({
    queryKey: ["package", name, version, "source"],
    queryFn: async ({ signal }) =>
      (
        await call<Schemas["PackageSource"]>(
          "GET",
          `/packages/${name}/versions/${version}/source`,
          { signal },
        )
      ).data.files,
    staleTime: Infinity,
  });

export async function readSource(
  source: string,
  filename: string,
  signal: AbortSignal,
): Promise<SourceRead> {
  const body = { source, filename };
  return (await call<SourceRead>("POST", "/packages/read", { body, signal })).data;
}

/** A package of one file is sent as that file: its text is the body. */
export async function saveNew(name: string, source: string, note: string): Promise<PackageVersion> {
  return data(
    api.POST("/api/v1/packages", {
      params: { query: { filename: `${name}.py`, name, note } },
      body: source as never,
      bodySerializer: () => source,
      headers: { "Content-Type": "text/x-python" },
    }),
  );
}

export async function saveChanged(
  name: string,
  version: number,
  files: Record<string, string>,
  note: string,
): Promise<PackageVersion> {
  const body = { files, note };
  return (await call<PackageVersion>("PUT", `/packages/${name}/versions/${version}`, { body }))
    .data;
}

export async function decide(
  name: string,
  version: number,
  word: "approve" | "revoke",
): Promise<PackageVersion> {
  return (await call<PackageVersion>("POST", `/packages/${name}/versions/${version}/${word}`)).data;
}
