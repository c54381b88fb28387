// What the server has not got yet, kept in this browser: a closed tab loses nothing.
import type { Document } from "../model/document";

export interface LocalCopy {
  document: Document;
  /** The ETag of the draft that it was made from. */
  tag: string;
}

const STORE = "drafts";

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open("studio", 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function run<T>(
  mode: IDBTransactionMode,
  act: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T | null> {
  try {
    const database = await open();
    return await new Promise((resolve, reject) => {
      const request = act(database.transaction(STORE, mode).objectStore(STORE));
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  } catch {
    return null; // a browser without storage: the server's draft is all there is
  }
}

export const keep = (pipelineId: string, copy: LocalCopy): Promise<unknown> =>
  run("readwrite", (store) => store.put(copy, pipelineId));

export const forget = (pipelineId: string): Promise<unknown> =>
  run("readwrite", (store) => store.delete(pipelineId));

export const recall = async (pipelineId: string): Promise<LocalCopy | null> =>
  (await run<LocalCopy>("readonly", (store) => store.get(pipelineId))) ?? null;
