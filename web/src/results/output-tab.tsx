// What the chosen node gave: one port at a time.
import { useState } from "react";
import type { DockProps } from "../model/dock";
import { ArtifactView } from "./artifact/artifact-view";
import { Nothing } from "./artifact/nothing";
import { PortBar } from "./artifact/port-bar";
import { lookAt } from "./artifact/reason";
import classes from "./artifact/artifact.module.css";

export default function OutputTab({ node, run, step, spec, stale, onAction }: DockProps) {
  const ports = spec?.outputs.map((port) => port.name) ?? (step ? Object.keys(step.outputs) : null);
  const [chosen, setChosen] = useState<string | null>(null);
  const port = chosen && ports?.includes(chosen) ? chosen : (ports?.[0] ?? null);
  if (node === null) return <Nothing reason="no_node" />;
  const look = lookAt({ hasRun: run !== null, step, port, ports, stale: stale ?? false });
  const kinds = new Map(spec?.outputs.map((one) => [one.name, one.kind]));
  return (
    <div className={classes.tab}>
      {ports && port && (
        <PortBar
          ports={ports}
          port={port}
          kindOf={(name) => kinds.get(name) ?? step?.outputs[name]?.kind ?? "file"}
          onChange={setChosen}
          look={look}
        />
      )}
      <div className={classes.body}>
        {"reason" in look ? (
          <Nothing
            reason={look.reason}
            detail={look.reason === "failed" ? step?.problems[0]?.message : null}
            onAction={onAction}
          />
        ) : (
          <ArtifactView
            key={look.output.digest}
            digest={look.output.digest}
            kind={look.output.kind}
            name={`${node}-${port}`}
            onAction={onAction}
          />
        )}
      </div>
    </div>
  );
}
