// Language, theme, habits of the canvas, and what a report of a fault should say.
import {
  Button,
  Code,
  CopyButton,
  SegmentedControl,
  Switch,
  Title,
  useMantineColorScheme,
} from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, data } from "../api/client";
import { currentLanguage, setLanguage, type Language } from "../shared/i18n";
import { me, signOut } from "../shared/me";
import { prefer, usePreferences } from "../shared/preferences";
import classes from "./settings.module.css";

export default function SettingsPage() {
  const { t } = useTranslation("settings");
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { leftDragPans, showsMinimap } = usePreferences();
  return (
    <div className={classes.page}>
      <Title order={1} size={22}>
        {t("title")}
      </Title>
      <section className={classes.section}>
        <h2>{t("looks")}</h2>
        <Row label={t("language")}>
          <SegmentedControl
            aria-label={t("language")}
            value={currentLanguage()}
            onChange={(value) => void setLanguage(value as Language)}
            data={[
              { value: "en", label: "English" },
              { value: "zh", label: "中文" },
            ]}
          />
        </Row>
        <Row label={t("theme")}>
          <SegmentedControl
            aria-label={t("theme")}
            value={colorScheme}
            onChange={(value) => setColorScheme(value as "auto")}
            data={(["auto", "light", "dark"] as const).map((value) => ({
              value,
              label: t(`theme_${value}`),
            }))}
          />
        </Row>
      </section>
      <section className={classes.section}>
        <h2>{t("canvas")}</h2>
        <Row label={t("drag")} help={t("drag_help")}>
          <SegmentedControl
            aria-label={t("drag")}
            value={leftDragPans ? "pan" : "select"}
            onChange={(value) => prefer({ leftDragPans: value === "pan" })}
            data={[
              { value: "select", label: t("drag_select") },
              { value: "pan", label: t("drag_pan") },
            ]}
          />
        </Row>
        <Row label={t("minimap")} help={t("minimap_help")}>
          <Switch
            aria-label={t("minimap")}
            checked={showsMinimap}
            onChange={({ currentTarget }) => prefer({ showsMinimap: currentTarget.checked })}
          />
        </Row>
      </section>
      <AccountSection />
      <Diagnostics />
    </div>
  );
}

/** Only a team has accounts. */
function AccountSection() {
  const { t } = useTranslation("settings");
  const { t: common } = useTranslation();
  const { data: person } = useQuery(me);
  if (person?.mode !== "team") return null;
  return (
    <section className={classes.section}>
      <h2>{t("account")}</h2>
      <Row label={person.name} help={common(`person.role_${person.role}`)}>
        <Button size="xs" variant="default" onClick={() => void signOut()}>
          {common("person.sign_out")}
        </Button>
      </Row>
      <Row label={t("may")} help={person.permissions.map((name) => t(`may_${name}`)).join(", ")}>
        {null}
      </Row>
    </section>
  );
}

interface RowProps {
  label: string;
  help?: string;
  children: React.ReactNode;
}

function Row({ label, help, children }: RowProps) {
  return (
    <div className={classes.row}>
      <div>
        <div className={classes.label}>{label}</div>
        {help && <div className={classes.help}>{help}</div>}
      </div>
      {children}
    </div>
  );
}

function Diagnostics() {
  const { t } = useTranslation("settings");
  const { data: list } = useQuery({
    queryKey: ["components"],
    queryFn: () => data(api.GET("/api/v1/components")),
  });
  const lines = [
    `components: ${list?.components.length ?? "?"}, broken: ${list?.broken.length ?? "?"}`,
    ...(list?.broken ?? []).map(({ file, message }) => `  ${file}: ${message}`),
    `address: ${location.host}`,
    `language: ${currentLanguage()}, screen: ${innerWidth} x ${innerHeight}`,
    `browser: ${navigator.userAgent}`,
  ];
  const text = lines.join("\n");
  return (
    <section className={classes.section}>
      <h2>{t("diagnostics")}</h2>
      <Code block tabIndex={0} aria-label={t("diagnostics")}>
        {text}
      </Code>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Button mt="sm" size="xs" variant="default" onClick={copy}>
            {copied ? t("copied") : t("copy")}
          </Button>
        )}
      </CopyButton>
    </section>
  );
}
