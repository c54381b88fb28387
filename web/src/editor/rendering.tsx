// For tests of components: rendered as the app renders them, with a document and components.
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach } from "vitest";
import { emptyDocument, type Document, type Spec } from "../model/document";
import { load, useEditor } from "./store";

afterEach(cleanup);

// Fields that grow with their text wait for fonts, which this page has not.
const nothing = () => undefined;
Object.defineProperty(document, "fonts", {
  value: { addEventListener: nothing, removeEventListener: nothing },
});

export function show(content: ReactNode) {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  return render(
    <QueryClientProvider client={queries}>
      <MantineProvider env="test">{content}</MantineProvider>
    </QueryClientProvider>,
  );
}

/** A component with these parameters, of one table in and out. */
export function specOf(name: string, properties: object = {}, rest: Partial<Spec> = {}): Spec {
  const port = (port: string, required: boolean) => ({
    name: port,
    kind: "table",
    receives: "AnyTable",
    description: "",
    required,
    many: false,
  });
  return {
    name,
    title: name,
    summary: "",
    category: "Custom",
    package: "tests",
    version: "1.0",
    parameters: { type: "object", properties },
    inputs: [port("table", true)],
    outputs: [port("table", false)],
    ...rest,
  } as unknown as Spec;
}

export function open(change: Partial<Document>, specs: readonly Spec[], selected: string[] = []) {
  load("p", { ...emptyDocument("Test"), ...change });
  useEditor.setState({
    specs: new Map(specs.map((spec) => [spec.name, spec])),
    selected: new Set(selected),
    isReadOnly: false,
  });
}
