// Whether the code of a package may run, and the way to decide it.
import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ShieldAlert, ShieldCheck, ShieldX } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useMay } from "../../shared/me";
import { formatTime } from "../format";
import classes from "./components.module.css";
import { decide, packageOf } from "./packages";

const ICONS = { approved: ShieldCheck, not_approved: ShieldAlert, revoked: ShieldX };

export function Approval({ name }: { name: string }) {
  const { t } = useTranslation("results");
  const client = useQueryClient();
  const { data } = useQuery(packageOf(name));
  const change = useMutation({
    mutationFn: (word: "approve" | "revoke") => decide(name, data!.version, word),
    onSuccess: () => client.invalidateQueries(),
    onError: (error) => notifications.show({ color: "red", message: error.message }),
  });
  const mayApprove = useMay("approve");
  if (!data) return null;
  const { state, actor, at } = data.approval;
  const Icon = ICONS[state];
  const isApproved = state === "approved";
  return (
    <div className={classes.approval} data-state={state} role="status">
      <Icon size={18} aria-hidden />
      <div>
        <strong>{t(`approval.${state}`, { version: data.version })}</strong>
        <p>
          {t(`approval.${state}_text`)}{" "}
          {actor && at && t("approval.by", { actor, time: formatTime(at) })}
        </p>
        {data.network.length > 0 && (
          <p>
            {t("approval.network")} <code>{data.network.join(", ")}</code>
          </p>
        )}
        {data.environment && data.environment.state !== "ready" && (
          <p>
            {t(`environment.${data.environment.state}`)} {data.environment.message}
          </p>
        )}
      </div>
      <Button
        size="xs"
        variant={isApproved ? "default" : "filled"}
        loading={change.isPending}
        disabled={!mayApprove}
        onClick={() => change.mutate(isApproved ? "revoke" : "approve")}
      >
        {t(isApproved ? "approval.revoke" : "approval.approve")}
      </Button>
    </div>
  );
}
