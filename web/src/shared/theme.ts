// Mantine in the studio's tokens: sizes, colours and fonts of app/styles.css.
import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from "@mantine/core";
import i18next from "i18next";

const primary: MantineColorsTuple = [
  "#e9f2ff",
  "#d2e4ff",
  "#a6c8ff",
  "#79acff",
  "#58a6ff",
  "#388bfd",
  "#1f6feb",
  "#0958d9",
  "#0747b0",
  "#053a90",
];

/** From text to canvas: Mantine's greys of the dark theme, as ours. */
const dark: MantineColorsTuple = [
  "#e6edf3",
  "#c5ced8",
  "#9da7b3",
  "#8b949e",
  "#30363d",
  "#21262d",
  "#1c2128",
  "#161b22",
  "#0d1117",
  "#010409",
];

/** The cross that closes something has a name for those who do not see it. */
const closable = () => ({ closeButtonProps: { "aria-label": i18next.t("close") } });

export const theme = createTheme({
  primaryColor: "primary",
  primaryShade: { light: 7, dark: 6 },
  colors: { primary, dark },
  fontFamily: "var(--font)",
  fontFamilyMonospace: "var(--mono)",
  fontSizes: { xs: "12px", sm: "13px", md: "14px", lg: "16px", xl: "20px" },
  lineHeights: { xs: "1.5", sm: "1.5", md: "1.5", lg: "1.5", xl: "1.4" },
  spacing: { xs: "4px", sm: "8px", md: "12px", lg: "16px", xl: "24px" },
  radius: { xs: "3px", sm: "6px", md: "6px", lg: "8px", xl: "12px" },
  defaultRadius: "sm",
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    Modal: { styles: { title: { fontSize: 16, fontWeight: 600 } }, defaultProps: closable },
    Drawer: { styles: { title: { fontSize: 16, fontWeight: 600 } }, defaultProps: closable },
    Notification: { defaultProps: closable },
  },
});

export const cssVariables: CSSVariablesResolver = () => {
  const own = {
    "--mantine-color-body": "var(--surface)",
    "--mantine-color-text": "var(--text)",
    "--mantine-color-dimmed": "var(--muted)",
    "--mantine-color-default": "var(--surface)",
    "--mantine-color-default-hover": "var(--hover)",
    "--mantine-color-default-border": "var(--border)",
    "--mantine-color-default-color": "var(--text)",
    "--mantine-color-placeholder": "var(--muted)",
    "--mantine-color-error": "var(--danger)",
    "--mantine-color-red-light": "color-mix(in srgb, var(--danger) 8%, transparent)",
    "--mantine-color-red-light-hover": "color-mix(in srgb, var(--danger) 10%, transparent)",
    "--mantine-color-red-light-color": "var(--danger)",
  };
  return { variables: {}, light: own, dark: own };
};
