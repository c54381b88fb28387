// A file on its way to the server, sent as it is read, with how much of it has arrived.
import { ApiError, BASE, type ProblemItem, type Schemas } from "../../api/client";

export type Dataset = Schemas["DatasetItem"];

export interface Sending {
  /** Resolves when the file is kept; rejects with the server's refusal, or when it was stopped. */
  done: Promise<Dataset>;
  stop(): void;
}

/** fetch cannot tell how much of a body was sent, so this is the older way. */
export function sendFile(name: string, file: File, onProgress: (share: number) => void): Sending {
  const request = new XMLHttpRequest();
  const done = new Promise<Dataset>((resolve, reject) => {
    request.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 0);
    request.onload = () =>
      request.status < 300
        ? resolve(JSON.parse(request.responseText) as Dataset)
        : reject(refusal(request));
    request.onerror = () => reject(new ApiError(0, "The studio does not answer.", []));
    request.onabort = () => reject(new DOMException("Stopped.", "AbortError"));
    request.open("PUT", `${BASE}/api/v1/datasets/${encodeURIComponent(name)}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.send(file);
  });
  return { done, stop: () => request.abort() };
}

function refusal({ status, responseText, statusText }: XMLHttpRequest): ApiError {
  try {
    const body = JSON.parse(responseText) as { detail?: string; errors?: ProblemItem[] };
    return new ApiError(status, body.detail ?? statusText, body.errors ?? [], body);
  } catch {
    return new ApiError(status, statusText, []);
  }
}

/** A name that the server takes, near to that of the file; the ending, which tells the format, stays. */
export function datasetName(file: string): string {
  const ending = /(\.[A-Za-z0-9]{1,8}){0,2}$/.exec(file)?.[0] ?? "";
  const stem = file
    .slice(0, file.length - ending.length)
    .normalize("NFC")
    .replace(/[^\p{L}\p{N}._ -]+/gu, "_")
    .replace(/^[^\p{L}\p{N}]+|_+$/gu, "");
  return (stem || "data").slice(0, 128 - ending.length) + ending;
}
