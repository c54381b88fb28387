// A screen that could not be loaded: what the server said, and the way back.
import { Button, Center, Group, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { ApiError } from "../api/client";
import { navigate } from "../shared/location";

export function LoadFailure({ error }: { error: Error }) {
  const { t } = useTranslation();
  const isAway = error instanceof ApiError && error.status === 0;
  const hint = error instanceof ApiError ? error.problems[0]?.hint : null;
  return (
    <Center h="100%" p="xl" role="alert">
      <Stack maw={520}>
        <Title order={2}>{isAway ? t("failure.away") : t("failure.title")}</Title>
        <Text>{isAway ? t("failure.away_text") : error.message}</Text>
        {hint && <Text c="dimmed">{hint}</Text>}
        <Group>
          <Button onClick={() => location.reload()}>{t("broken.reload")}</Button>
          <Button variant="default" onClick={() => navigate("/")}>
            {t("places.home")}
          </Button>
        </Group>
      </Stack>
    </Center>
  );
}
