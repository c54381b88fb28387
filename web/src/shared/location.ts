// The address after `#`: a path for the screen, and a query for what is chosen on it.
import { useCallback, useSyncExternalStore } from "react";

const subscribe = (listener: () => void) => {
  addEventListener("hashchange", listener);
  return () => removeEventListener("hashchange", listener);
};

const parts = (): [path: string, query: string] => {
  const [path = "", query = ""] = location.hash.replace(/^#?\/?/, "").split("?", 2);
  return [`/${path}`, query];
};

export function navigate(to: string, { replace = false } = {}): void {
  const url = new URL(location.href);
  url.hash = to.replace(/^#/, "");
  if (url.href === location.href) return;
  const oldURL = location.href;
  history[replace ? "replaceState" : "pushState"](null, "", url);
  dispatchEvent(new HashChangeEvent("hashchange", { oldURL, newURL: url.href }));
}

/** For wouter's Router: the path. */
export const usePath = (): [string, typeof navigate] => [
  useSyncExternalStore(subscribe, () => parts()[0]),
  navigate,
];
usePath.hrefs = (href: string) => `#${href}`;

/** For wouter's Router: the query. */
export const useQuery = (): string => useSyncExternalStore(subscribe, () => parts()[1]);

/** One value of the query, and how to set it (null removes it); the history gets no entry. */
export function useQueryValue(name: string): [string | null, (value: string | null) => void] {
  const value = new URLSearchParams(useQuery()).get(name);
  const set = useCallback((next: string | null) => setQuery({ [name]: next }), [name]);
  return [value, set];
}

/** Set values of the query at once; null removes. */
export function setQuery(values: Record<string, string | null>): void {
  const [path, query] = parts();
  const search = new URLSearchParams(query);
  for (const [name, value] of Object.entries(values)) {
    if (value === null) search.delete(name);
    else search.set(name, value);
  }
  const text = search.toString();
  navigate(text ? `${path}?${text}` : path, { replace: true });
}
