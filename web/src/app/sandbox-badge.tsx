// Told on every screen: code of others runs here though it is not confined as it should be.
import { Badge, Tooltip } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, data } from "../api/client";

export function SandboxBadge() {
  const { t } = useTranslation();
  const { data: sandbox } = useQuery({
    queryKey: ["sandbox"],
    queryFn: () => data(api.GET("/api/v1/sandbox")),
    refetchInterval: ({ state }) => (state.data?.state === "probing" ? 5000 : false),
  });
  if (sandbox?.runs !== "weak") return null;
  const missing = sandbox.missing?.join(", ") ?? "";
  return (
    <Tooltip label={t("sandbox.weak_text", { missing })} multiline maw={360}>
      <Badge color="red" variant="light" tabIndex={0} role="status">
        {t("sandbox.weak")}
      </Badge>
    </Tooltip>
  );
}
