// Import zones (a folder may import what stands to its left), no cycles, accessibility, hooks.
import { defineConfig } from "eslint/config";
import importX from "eslint-plugin-import-x";
import jsxA11y from "eslint-plugin-jsx-a11y";
import reactHooks from "eslint-plugin-react-hooks";
import typescript from "typescript-eslint";

const FEATURES = ["editor", "home", "runs", "settings", "results"];
const ORDER = [["api"], ["model"], ["shared"], FEATURES, ["app"]];

const from = (names) => names.map((name) => `./src/${name}`);
const zones = ORDER.flatMap((layer, index) =>
  layer.map((name) => ({
    target: `./src/${name}`,
    from: from([...layer.filter((other) => other !== name), ...ORDER.slice(index + 1).flat()]),
  })),
).filter((zone) => zone.from.length);

export default defineConfig(
  { ignores: ["node_modules", "src/api/schema.ts"] },
  typescript.configs.recommended,
  jsxA11y.flatConfigs.recommended,
  {
    files: ["**/*.{ts,tsx}"],
    plugins: { "import-x": importX, "react-hooks": reactHooks },
    settings: { "import-x/resolver": { typescript: true, node: true } },
    rules: {
      "import-x/no-restricted-paths": ["error", { zones }],
      "import-x/no-cycle": "error",
      "react-hooks/rules-of-hooks": "error",
      "react-hooks/exhaustive-deps": "error",
      "jsx-a11y/no-autofocus": "off",
      "@typescript-eslint/no-unused-vars": [
        "error",
        { varsIgnorePattern: "^_", argsIgnorePattern: "^_" },
      ],
      "max-lines": ["error", 400],
    },
  },
);
