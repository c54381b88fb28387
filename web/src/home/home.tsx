// Where work starts: templates, recent pipelines, an empty one, a file dropped anywhere.
import { Button, FileButton, Skeleton, Text, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery } from "@tanstack/react-query";
import { FilePlus2, Upload } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ApiError, call, data } from "../api/client";
import { emptyDocument, type Specs } from "../model/document";
import { navigate } from "../shared/location";
import { problemText } from "../shared/problem-text";
import { Recent } from "./recent";
import { Templates } from "./templates";
import classes from "./home.module.css";

const tell = (error: Error) => {
  const problem = error instanceof ApiError ? error.problems[0] : undefined;
  notifications.show({
    color: "red",
    title: problem ? problemText(problem) : error.message,
    message: problem?.hint ?? "",
    autoClose: 8000,
  });
};

async function create(document: unknown): Promise<void> {
  try {
    const { data: made } = await call<{ id: string }>("POST", "/pipelines", { body: document });
    navigate(`/p/${made.id}`);
  } catch (error) {
    tell(error as Error);
  }
}

async function importFile(file: File | null, onBroken: string): Promise<void> {
  if (!file) return;
  try {
    await create(JSON.parse(await file.text()));
  } catch {
    tell(new Error(onBroken));
  }
}

export function Home() {
  const { t } = useTranslation("home");
  const specs = useSpecs();
  const [isOver, setOver] = useState(false);
  const take = (file: File | null) => void importFile(file, t("not_json"));
  return (
    <div
      className={classes.home}
      data-over={isOver || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(event.dataTransfer.types.includes("Files"));
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer.files[0] ?? null);
      }}
    >
      <div className={classes.page}>
        <header className={classes.head}>
          <div>
            <Title order={1} size={22}>
              {t("title")}
            </Title>
            <Text c="dimmed">{t("subtitle")}</Text>
          </div>
          <div className={classes.actions}>
            <FileButton accept="application/json,.json" onChange={take}>
              {(props) => (
                <Button {...props} variant="default" leftSection={<Upload size={15} />}>
                  {t("import")}
                </Button>
              )}
            </FileButton>
            <Button
              leftSection={<FilePlus2 size={15} />}
              onClick={() => void create(emptyDocument(t("untitled")))}
            >
              {t("blank")}
            </Button>
          </div>
        </header>
        <h2 className={classes.section}>{t("templates")}</h2>
        {specs ? <Templates specs={specs} onError={tell} /> : <Skeleton height={220} />}
        <h2 className={classes.section}>{t("recent")}</h2>
        <Recent />
      </div>
      {isOver && <div className={classes.drop}>{t("drop")}</div>}
    </div>
  );
}

function useSpecs(): Specs | null {
  const { data: list } = useQuery({
    queryKey: ["components"],
    queryFn: () => data(api.GET("/api/v1/components")),
    staleTime: 60_000,
  });
  return (
    useMemo(() => list && new Map(list.components.map((spec) => [spec.name, spec])), [list]) ?? null
  );
}
