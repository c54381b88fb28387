// Drafts: saved a moment after every change, one save at a time, never over another's work.
import { create } from "zustand";
import { ApiError, call } from "../api/client";
import { diffDocuments } from "../model/diff";
import { fill, type Document } from "../model/document";
import { forget, keep, recall } from "./local-copy";
import { present, useEditor } from "./store";

export type SaveState = "saved" | "changed" | "saving" | "away" | "conflict";

interface Draft {
  document: Document;
  revision: number;
  base_version: number;
  updated_at: number;
}

interface SaverState {
  state: SaveState;
  savedAt: number | null;
  baseVersion: number;
  /** The draft that another browser has saved meanwhile. */
  theirs: Draft | null;
}

const QUIET_MS = 1200;
const LONGEST_MS = 8000;
const RETRY_MS = 3000;

export const useSaver = create<SaverState>()(() => ({
  state: "saved",
  savedAt: null,
  baseVersion: 0,
  theirs: null,
}));

let pipelineId: string | null = null;
let tag = "";
let saved: Document | null = null;
let timer: ReturnType<typeof setTimeout> | null = null;
let changedSince = 0;
let running: Promise<void> | null = null;

interface Opened {
  saved: Document;
  /** What is shown: the saved draft, or what this browser had not yet saved. */
  document: Document;
  isRecovered: boolean;
}

/** Read the draft of a pipeline; what this browser could not save before comes back. Where somebody
 * else saved meanwhile, it comes back as a conflict. */
export async function openDraft(id: string): Promise<Opened> {
  closeDraft();
  const { data: draft, headers } = await call<Draft>("GET", `/pipelines/${id}/draft`);
  const local = await recall(id);
  pipelineId = id;
  accept(draft, headers.get("ETag")!);
  const isRecovered = local !== null && diffDocuments(saved!, local.document).length > 0;
  if (!isRecovered) return { saved: saved!, document: saved!, isRecovered };
  if (local.tag !== tag) useSaver.setState({ state: "conflict", theirs: draft });
  return { saved: saved!, document: local.document, isRecovered };
}

function accept(draft: Draft, etag: string): void {
  tag = etag;
  saved = fill(draft.document);
  useSaver.setState({
    state: "saved",
    savedAt: draft.updated_at,
    baseVersion: draft.base_version,
    theirs: null,
  });
}

export function closeDraft(): void {
  if (timer) clearTimeout(timer);
  timer = null;
  pipelineId = null;
}

/** Called after every change of the document. */
export function noteChange(): void {
  const { pipelineId: shown, isReadOnly } = useEditor.getState();
  if (pipelineId === null || shown !== pipelineId || isReadOnly || present() === saved) return;
  if (useSaver.getState().state === "conflict") return;
  if (!changedSince) changedSince = Date.now();
  if (useSaver.getState().state !== "away") useSaver.setState({ state: "changed" });
  void keep(pipelineId, { document: present(), tag });
  const wait = Math.max(0, Math.min(QUIET_MS, changedSince + LONGEST_MS - Date.now()));
  schedule(wait);
}

function schedule(wait: number): void {
  if (timer) clearTimeout(timer);
  timer = setTimeout(() => void save().catch(() => {}), wait);
}

/** Save now; resolves when the server has the document that is shown. */
export async function save(): Promise<void> {
  if (timer) clearTimeout(timer);
  timer = null;
  if (running) await running.catch(() => {});
  if (pipelineId === null || present() === saved) return;
  running = send(pipelineId, present());
  await running.finally(() => (running = null));
}

async function send(id: string, document: Document): Promise<void> {
  useSaver.setState({ state: "saving" });
  changedSince = 0;
  try {
    const headers = { "If-Match": tag };
    const answer = await call<Draft>("PUT", `/pipelines/${id}/draft`, { body: document, headers });
    tag = answer.headers.get("ETag")!;
    saved = document;
    await forget(id);
    const { updated_at, base_version } = answer.data;
    useSaver.setState({ state: "saved", savedAt: updated_at, baseVersion: base_version });
    if (present() !== document) noteChange();
  } catch (error) {
    await onFailure(id, error);
    throw error;
  }
}

async function onFailure(id: string, error: unknown): Promise<void> {
  if (error instanceof ApiError && error.status === 412) {
    const { data: theirs } = await call<Draft>("GET", `/pipelines/${id}/draft`);
    useSaver.setState({ state: "conflict", theirs });
    return;
  }
  useSaver.setState({ state: "away" });
  await keep(id, { document: present(), tag });
  schedule(RETRY_MS);
}

/** Conflict: forget what is here and show what the other browser saved. */
export async function takeTheirs(): Promise<Document> {
  const id = pipelineId!;
  const { data: draft, headers } = await call<Draft>("GET", `/pipelines/${id}/draft`);
  await forget(id);
  accept(draft, headers.get("ETag")!);
  return saved!;
}

/** Conflict: store what is here as a pipeline of its own; returns its id. */
export async function keepMineAsCopy(name: string): Promise<string> {
  const body = { ...present(), name: name.slice(0, 200) };
  const { data } = await call<{ id: string }>("POST", "/pipelines", { body });
  if (pipelineId) await forget(pipelineId);
  return data.id;
}

/** Store the draft as a version, as every run needs one; returns its number. */
export async function storeVersion(note = ""): Promise<number> {
  await save();
  const { data } = await call<{ version: number }>("POST", `/pipelines/${pipelineId}/versions`, {
    body: { note },
    headers: { "If-Match": tag },
  });
  useSaver.setState({ baseVersion: data.version });
  return data.version;
}

/** Put a version into the draft; returns it. */
export async function restoreVersion(version: number): Promise<Document> {
  const { data: draft, headers } = await call<Draft>("POST", `/pipelines/${pipelineId}/restore`, {
    body: { version },
    headers: { "If-Match": tag },
  });
  accept(draft, headers.get("ETag")!);
  return saved!;
}
