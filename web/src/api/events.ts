// Server-sent events: one stream a tab, closed while the tab is hidden, resumed where it ended.
import { BASE, type Schemas } from "./client";

type RunEvent = Schemas["EventItem"];

/** Give events in batches, at most one a frame. Returns what ends it. */
export function follow(
  path: string,
  onEvents: (events: readonly RunEvent[]) => void,
  onConnected: (isConnected: boolean) => void,
): () => void {
  let source: EventSource | null = null;
  let batch: RunEvent[] = [];
  let timer: ReturnType<typeof setTimeout> | null = null;
  let last: number | null = null;

  const deliver = () => {
    timer = null;
    const events = batch;
    batch = [];
    onEvents(events);
  };

  const open = () => {
    const query = last === null ? "" : `?after=${last}`;
    source = new EventSource(`${BASE}/api/v1${path}${query}`);
    source.onopen = () => onConnected(true);
    source.onerror = () => {
      // CLOSED: the server has said that nothing more will come.
      if (source?.readyState === EventSource.CONNECTING) onConnected(false);
    };
    source.onmessage = ({ data }) => {
      const event = JSON.parse(data as string) as RunEvent;
      last = event.id;
      batch.push(event);
      timer ??= setTimeout(deliver, 50);
    };
  };

  const onVisibility = () => {
    if (document.hidden) {
      source?.close();
      source = null;
    } else if (!source) open();
  };

  document.addEventListener("visibilitychange", onVisibility);
  open();
  return () => {
    document.removeEventListener("visibilitychange", onVisibility);
    source?.close();
    if (timer) clearTimeout(timer);
  };
}
