// The reports of several runs, read into one list of models that can be drawn together.
import { useQueries } from "@tanstack/react-query";
import { useMemo } from "react";
import { call, type Schemas } from "../../api/client";
import { previewOf } from "../artifacts";
import { readReport, type ReportModel } from "../report/document";
import { letterOf } from "./comparison";

/** A model of a run's report, and the threshold that the report was made with. */
export interface RunModel {
  model: ReportModel;
  threshold: number;
}

const stepsOf = (run: string) => ({
  queryKey: ["run", run, "steps"],
  queryFn: async ({ signal }: { signal: AbortSignal }) =>
    (await call<Schemas["StepList"]>("GET", `/runs/${run}/steps`, { signal })).data.steps,
});

const MOST_MODELS = 8;

export function useRunModels(runs: readonly string[]): RunModel[] {
  const steps = useQueries({ queries: runs.map(stepsOf), combine: dataOf });
  const digests = steps.map((list) => (list ? lastReport(list) : null));
  const previews = useQueries({
    // Runs with equal results have the same report: it is read once.
    queries: [...new Set(digests)].flatMap((digest) => (digest ? [previewOf(digest)] : [])),
    combine: dataOf,
  });
  const byDigest = new Map(
    [...new Set(digests)]
      .filter((digest) => digest !== null)
      .map((digest, n) => [digest, previews[n]]),
  );
  return useMemo(
    () =>
      digests
        .flatMap((digest, place) => {
          const preview = digest === null ? undefined : byDigest.get(digest);
          return preview?.kind === "report" ? modelsOf(preview.document, letterOf(place)) : [];
        })
        .slice(0, MOST_MODELS),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- both are made anew with these
    [previews, steps],
  );
}

const dataOf = <T>(results: { data: T | undefined }[]) => results.map((result) => result.data);

function lastReport(steps: readonly Schemas["StepItem"][]): string | null {
  const reports = steps.flatMap((step) =>
    Object.values(step.outputs).filter((output) => output.kind === "report"),
  );
  return reports.at(-1)?.digest ?? null;
}

function modelsOf(document: unknown, letter: string): RunModel[] {
  const { models, threshold } = readReport(document);
  return models.map((model) => ({
    model: { ...model, name: `${letter} · ${model.name}` },
    threshold,
  }));
}
