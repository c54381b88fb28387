// Whether the same pipeline is open for editing in another tab of this browser.
import { useEffect, useState } from "react";

type Word = { says: "hello" | "here" | "bye"; tab: string };

/** Tabs greet one another; who is there answers; who leaves says so. */
export function useOtherTabs(pipelineId: string, isEditing: boolean): boolean {
  const [others, setOthers] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => {
    if (!isEditing || typeof BroadcastChannel === "undefined") return;
    const tab = crypto.randomUUID();
    const channel = new BroadcastChannel(`studio.pipeline.${pipelineId}`);
    const say = (says: Word["says"]) => channel.postMessage({ says, tab } satisfies Word);
    channel.onmessage = ({ data }: MessageEvent<Word>) => {
      if (data.says === "hello") say("here");
      setOthers((before) => {
        const next = new Set(before);
        next[data.says === "bye" ? "delete" : "add"](data.tab);
        return next;
      });
    };
    const leave = () => say("bye");
    addEventListener("pagehide", leave);
    say("hello");
    return () => {
      removeEventListener("pagehide", leave);
      leave();
      channel.close();
      setOthers(new Set());
    };
  }, [pipelineId, isEditing]);
  return others.size > 0;
}
