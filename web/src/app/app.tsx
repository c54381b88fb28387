// Providers around the screens.
import { MantineProvider } from "@mantine/core";
import { ModalsProvider } from "@mantine/modals";
import { Notifications } from "@mantine/notifications";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { Router } from "wouter";
import { ApiError } from "../api/client";
import { usePath, useQuery } from "../shared/location";
import { cssVariables, theme } from "../shared/theme";
import { ErrorBoundary } from "./error-boundary";
import { Screens } from "./routes";

const retries = (count: number, error: Error) =>
  count < 2 && error instanceof ApiError && (error.status === 0 || error.status >= 500);

const client = new QueryClient({
  defaultOptions: { queries: { staleTime: 5_000, retry: retries, refetchOnWindowFocus: true } },
});

export function App() {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <QueryClientProvider client={client}>
        <ModalsProvider>
          <Notifications position="bottom-right" limit={4} />
          <ErrorBoundary>
            <Router hook={usePath} searchHook={useQuery}>
              <Screens />
            </Router>
          </ErrorBoundary>
        </ModalsProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}
