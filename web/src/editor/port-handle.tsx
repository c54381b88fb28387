// A port: its shape, its name on hover, faded while an edge is drawn that does not fit.
import { Handle, Position } from "@xyflow/react";
import { memo } from "react";
import { hasInput } from "../model/by-id";
import { checkConnection } from "../model/connections";
import type { Port } from "../model/document";
import { PortShape } from "../shared/port-shape";
import { present, useEditor } from "./store";
import classes from "./node-view.module.css";

interface Props {
  node: string;
  port: Port;
  type: "source" | "target";
  x: number;
  /** The kind in words: a thousand ports do not each listen for the language. */
  kind: string;
}

export const PortHandle = memo(function PortHandle({ node, port, type, x, kind }: Props) {
  const fit = useEditor((state) => {
    const { connecting } = state;
    if (!connecting) return "idle";
    if (connecting.end.node === node && connecting.end.port === port.name) return "idle";
    if (connecting.side === type) return "no";
    const here = { node, port: port.name };
    const [source, target] = type === "target" ? [connecting.end, here] : [here, connecting.end];
    return checkConnection(present(state), state.specs, source, target).allowed ? "yes" : "no";
  });
  const isMissing = useEditor(
    (state) =>
      type === "target" && port.required && !hasInput(present(state).edges, node, port.name),
  );
  return (
    <Handle
      id={port.name}
      type={type}
      position={type === "target" ? Position.Top : Position.Bottom}
      className={classes.port}
      style={{ left: x }}
      data-fit={fit}
      data-missing={isMissing || undefined}
      data-kind={port.kind}
    >
      <PortShape kind={port.kind} />
      <span className={classes.portName}>
        {port.name} · {kind}
      </span>
    </Handle>
  );
});
