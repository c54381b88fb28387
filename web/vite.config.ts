// Builds into studio/_web, with a compressed copy beside every large file.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const OUTPUT = resolve(import.meta.dirname, "../studio/_web");

function compressed(): Plugin {
  return {
    name: "compressed",
    apply: "build",
    closeBundle() {
      const folder = join(OUTPUT, "assets");
      for (const name of readdirSync(folder)) {
        const bytes = readFileSync(join(folder, name));
        if (/\.(js|css|svg)$/.test(name) && bytes.length > 1024) {
          writeFileSync(join(folder, `${name}.gz`), gzipSync(bytes, { level: 9 }));
        }
      }
    },
  };
}

export default defineConfig({
  base: "./",
  plugins: [react(), compressed()],
  build: {
    outDir: OUTPUT,
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1600,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: "react", test: /node_modules\/(react|react-dom|scheduler)\// },
            {
              name: "flow", // only what the canvas needs of d3: Vega brings far more of it
              test: /node_modules\/(@xyflow|d3-(color|dispatch|drag|ease|interpolate|selection|timer|transition|zoom))\//,
            },
            { name: "icons", test: /node_modules\/lucide-react\// }, // a file each costs more
            { name: "i18n", test: /node_modules\/(i18next|react-i18next)\// },
            {
              name: "model",
              test: /src\/(model\/(?!diff|traceback|log|plan|stale)|api\/|shared\/(keys|location|format|preferences|component-text|problem-text|state-icon|port-shape))/,
            },
            { name: "query", test: /node_modules\/@tanstack\/(query-core|react-query)\// },
            { name: "mantine", test: /node_modules\/(@mantine|@floating-ui)\// },
          ],
        },
      },
    },
  },
  server: { proxy: { "/api": "http://127.0.0.1:8000" }, fs: { allow: [".."] } },
});
