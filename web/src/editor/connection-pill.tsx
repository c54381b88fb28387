// Why an edge may not end where the pointer is.
import { useConnection, useStore, ViewportPortal } from "@xyflow/react";
import { useTranslation } from "react-i18next";
import { checkConnection, type Refusal } from "../model/connections";
import { present, useEditor } from "./store";
import classes from "./connection-pill.module.css";

export function ConnectionPill() {
  const { t } = useTranslation("editor");
  const connection = useConnection();
  const zoom = useStore((state) => state.transform[2]);
  if (!connection.inProgress || !connection.toHandle) return null;
  const { fromHandle, toHandle, to } = connection;
  const from = { node: fromHandle.nodeId, port: fromHandle.id ?? "" };
  const end = { node: toHandle.nodeId, port: toHandle.id ?? "" };
  if (from.node === end.node && from.port === end.port) return null;
  const verdict =
    fromHandle.type === toHandle.type
      ? null
      : fromHandle.type === "source"
        ? checkConnection(present(), useEditor.getState().specs, from, end)
        : checkConnection(present(), useEditor.getState().specs, end, from);
  const text = !verdict
    ? t("connect.same_side")
    : verdict.allowed
      ? verdict.replaces && t("connect.replaces")
      : reasonText(verdict.reason, t);
  if (!text) return null;
  return (
    <ViewportPortal>
      <div
        className={classes.pill}
        role="status"
        data-allowed={verdict?.allowed || undefined}
        style={{
          transform: `translate(${to.x}px, ${to.y}px) scale(${1 / zoom}) translate(-50%, 22px)`,
        }}
      >
        {text}
      </div>
    </ViewportPortal>
  );
}

export function reasonText(
  { code, arguments: values }: Refusal,
  t: (key: string, values?: Record<string, string>) => string,
): string {
  const kinds = { wanted: values.wanted ?? "", given: values.given ?? "" };
  return t(`connect.${code.replace(".", "_")}`, {
    ...values,
    wanted: kinds.wanted && t(`kind.${kinds.wanted}`),
    given: kinds.given && t(`kind.${kinds.given}`),
  });
}
