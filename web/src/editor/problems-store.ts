// What is wrong with the document: checked by the server a moment after every change.
import { create } from "zustand";
import { api, data, type ProblemItem } from "../api/client";
import type { Document } from "../model/document";
import { groupBy } from "../model/group";

interface ProblemsState {
  problems: readonly ProblemItem[];
  byNode: ReadonlyMap<string, readonly ProblemItem[]>;
}

export const useProblems = create<ProblemsState>()(() => ({ problems: [], byNode: new Map() }));

const NONE: readonly ProblemItem[] = [];

export const problemsOf =
  (node: string) =>
  ({ byNode }: ProblemsState): readonly ProblemItem[] =>
    byNode.get(node) ?? NONE;

export function setProblems(problems: readonly ProblemItem[]): void {
  const found = groupBy(problems, ({ node }) => node ?? "");
  const old = useProblems.getState().byNode;
  // A node whose problems are the same keeps its list, so that it is not drawn anew.
  const byNode = new Map(
    [...found].map(([node, list]) => {
      const before = old.get(node);
      const isSame = before && JSON.stringify(before) === JSON.stringify(list);
      return [node, isSame ? before : list] as const;
    }),
  );
  useProblems.setState({ problems, byNode });
}

let asked = 0;

export async function validate(document: Document): Promise<void> {
  const turn = ++asked;
  const answer = await data(api.POST("/api/v1/pipelines/validate", { body: document })).catch(
    () => null,
  );
  if (answer && turn === asked) setProblems(answer.problems);
}
