// What stands where an artifact would: it is on its way, or the server refused it.
import { Skeleton } from "@mantine/core";
import { ApiError } from "../../api/client";
import type { DockAction } from "../../model/dock";
import classes from "./artifact.module.css";
import { Nothing } from "./nothing";

interface Props {
  error: Error;
  onAction?: ((action: DockAction) => void) | undefined;
}

/** The server's own words, where it has some. */
export function Refused({ error, onAction }: Props) {
  const problem = error instanceof ApiError ? error.problems[0] : undefined;
  const gone = error instanceof ApiError && (error.status === 404 || error.status === 410);
  const detail = [problem?.message ?? error.message, problem?.hint].filter(Boolean).join(" ");
  return <Nothing reason={gone ? "purged" : "unreadable"} detail={detail} onAction={onAction} />;
}

export function Waiting() {
  return (
    <div className={classes.padded} aria-busy="true">
      <Skeleton height={16} width="30%" mb={12} />
      <Skeleton height={120} />
    </div>
  );
}
