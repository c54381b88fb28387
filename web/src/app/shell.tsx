// The frame of every screen but the editor: brand, places, person, language, theme.
import { ActionIcon, Tooltip, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { Blocks, Database, House, Languages, ListVideo, Moon, Settings, Sun } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "wouter";
import { currentLanguage, setLanguage } from "../shared/i18n";
import icon from "./icon.svg";
import { PersonMenu } from "./person-menu";
import { SandboxBadge } from "./sandbox-badge";
import classes from "./shell.module.css";

const PLACES = [
  { path: "/", key: "places.home", icon: House },
  { path: "/runs", key: "places.runs", icon: ListVideo },
  { path: "/data", key: "places.data", icon: Database },
  { path: "/components", key: "places.components", icon: Blocks },
  { path: "/settings", key: "places.settings", icon: Settings },
];

export function Shell({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const [path] = useLocation();
  return (
    <div className={classes.shell}>
      <header className={classes.header}>
        <Brand />
        <nav className={classes.places} aria-label={t("places.label")}>
          {PLACES.map(({ path: to, key, icon: Icon }) => (
            <Link
              key={to}
              href={to}
              className={classes.place}
              aria-current={path === to ? "page" : undefined}
            >
              <Icon size={16} aria-hidden />
              {t(key)}
            </Link>
          ))}
        </nav>
        <SandboxBadge />
        <PersonMenu />
        <LanguageButton />
        <ThemeButton />
      </header>
      <main className={classes.main}>{children}</main>
    </div>
  );
}

export function Brand() {
  return (
    <Link href="/" className={classes.brand} aria-label="Splice Studio">
      <img src={icon} width={22} height={22} alt="" />
      <span>Splice Studio</span>
    </Link>
  );
}

export function LanguageButton() {
  const { t } = useTranslation();
  const other = currentLanguage() === "zh" ? "en" : "zh";
  return (
    <Tooltip label={other === "zh" ? "切换到中文" : "Switch to English"}>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={t("language")}
        onClick={() => void setLanguage(other)}
      >
        <Languages size={17} />
      </ActionIcon>
    </Tooltip>
  );
}

export function ThemeButton() {
  const { t } = useTranslation();
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme("light");
  return (
    <Tooltip label={t(scheme === "dark" ? "theme.to_light" : "theme.to_dark")}>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={t("theme.label")}
        onClick={() => setColorScheme(scheme === "dark" ? "light" : "dark")}
      >
        {scheme === "dark" ? <Sun size={17} /> : <Moon size={17} />}
      </ActionIcon>
    </Tooltip>
  );
}
