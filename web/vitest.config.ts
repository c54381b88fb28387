// Runs the unit tests; apart from the build, which needs none of their packages.
import { defineConfig, mergeConfig } from "vitest/config";
import build from "./vite.config";

export default mergeConfig(
  build,
  defineConfig({
    test: { environment: "happy-dom", setupFiles: "src/shared/testing.ts", testTimeout: 20_000 },
  }),
);
