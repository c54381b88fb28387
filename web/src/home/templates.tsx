// Pipelines to begin with, as pictures of what they are.
import { Skeleton, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Clock } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, call, data } from "../api/client";
import { fill, type Document, type Specs } from "../model/document";
import { formatSeconds } from "../shared/format";
import { navigate } from "../shared/location";
import { Thumbnail } from "../shared/thumbnail";
import { templateText } from "./template-text";
import classes from "./home.module.css";

interface Props {
  specs: Specs;
  onError(error: Error): void;
}

export function Templates({ specs, onError }: Props) {
  const { t } = useTranslation("home");
  const [opening, setOpening] = useState<string | null>(null);
  const { data: list, error } = useQuery({
    queryKey: ["templates"],
    queryFn: () => data(api.GET("/api/v1/templates")),
    staleTime: 60_000,
  });
  const open = (name: string) => {
    setOpening(name);
    call<{ id: string }>("POST", `/templates/${name}`)
      .then(({ data: made }) => navigate(`/p/${made.id}`), onError)
      .finally(() => setOpening(null));
  };
  if (error) return <Text c="var(--danger)">{error.message}</Text>;
  if (!list) return <Skeleton height={220} />;
  return (
    <div className={classes.cards}>
      {list.templates.map(({ name, title, description, document, expected_seconds }) => {
        const text = templateText(name, title, description);
        return (
          <button
            key={name}
            type="button"
            className={classes.card}
            aria-busy={opening === name}
            onClick={() => open(name)}
          >
            <span className={classes.picture}>
              <Thumbnail document={fill(document as Document)} specs={specs} label={text.title} />
            </span>
            <span className={classes.words}>
              <span className={classes.title}>{text.title}</span>
              <span className={classes.description}>{text.description}</span>
              <span className={classes.foot}>
                {t("nodes", { count: document.nodes?.length ?? 0 })}
                {expected_seconds !== null && (
                  <>
                    <Clock size={13} aria-hidden /> ≈ {formatSeconds(expected_seconds)}
                  </>
                )}
              </span>
            </span>
          </button>
        );
      })}
    </div>
  );
}
