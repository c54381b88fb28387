// Starts the interface: the language first, so that no text is shown twice.
import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "@mantine/spotlight/styles.css";
import "@xyflow/react/dist/style.css";
import "./styles.css";
import { createRoot } from "react-dom/client";
import { loadComponentTexts } from "../shared/component-text";
import { currentLanguage, startLanguage } from "../shared/i18n";
import { App } from "./app";

// After an update the old pieces are gone: load the new page, once.
addEventListener("vite:preloadError", () => {
  if (sessionStorage.getItem("studio.reloaded")) return;
  sessionStorage.setItem("studio.reloaded", "1");
  location.reload();
});

await startLanguage();
const texts = loadComponentTexts();
if (currentLanguage() === "zh") await texts;
createRoot(document.getElementById("root")!).render(<App />);
