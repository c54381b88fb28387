// What is shown when a screen breaks: what happened, and ways on that lose nothing.
import { Button, Center, Code, Group, Stack, Text, Title } from "@mantine/core";
import { Component, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

interface Props {
  children: ReactNode;
}

export class ErrorBoundary extends Component<Props, { error: Error | null }> {
  override state = { error: null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    return <Broken error={error} onRetry={() => this.setState({ error: null })} />;
  }
}

function Broken({ error, onRetry }: { error: Error; onRetry: () => void }) {
  const { t } = useTranslation();
  return (
    <Center h="100%" p="xl" role="alert">
      <Stack maw={560}>
        <Title order={2}>{t("broken.title")}</Title>
        <Text>{t("broken.text")}</Text>
        <Code block>{error.message}</Code>
        <Group>
          <Button onClick={onRetry}>{t("broken.retry")}</Button>
          <Button variant="default" onClick={() => location.reload()}>
            {t("broken.reload")}
          </Button>
        </Group>
      </Stack>
    </Center>
  );
}
