// The pipelines that hold a component; looked for when asked, since each must be read.
import { Button, Loader } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { api, data } from "../../api/client";
import classes from "./components.module.css";

const SHOWN = 100;

interface Use {
  id: string;
  name: string;
  nodes: string[];
}

async function findUses(component: string): Promise<Use[]> {
  const query = { limit: SHOWN };
  const { pipelines } = await data(api.GET("/api/v1/pipelines", { params: { query } }));
  const found = await Promise.all(
    pipelines.map(async ({ id, name }): Promise<Use> => {
      const path = { pipeline_id: id };
      const { document } = await data(
        api.GET("/api/v1/pipelines/{pipeline_id}", { params: { path } }),
      );
      const nodes = (document as { nodes?: { id: string; component: string }[] }).nodes ?? [];
      return {
        id,
        name,
        nodes: nodes.filter((node) => node.component === component).map((node) => node.id),
      };
    }),
  );
  return found.filter((use) => use.nodes.length);
}

export function WhereUsed({ component }: { component: string }) {
  const { t } = useTranslation("results");
  const [isAsked, setAsked] = useState(false);
  const { data: uses } = useQuery({
    queryKey: ["where-used", component],
    queryFn: () => findUses(component),
    enabled: isAsked,
  });
  if (!isAsked) {
    return (
      <Button size="xs" variant="default" onClick={() => setAsked(true)}>
        {t("spec.find_uses")}
      </Button>
    );
  }
  if (!uses) return <Loader size="xs" />;
  if (!uses.length) return <p className={classes.note}>{t("spec.no_uses")}</p>;
  return (
    <ul className={classes.plainList}>
      {uses.map((use) => (
        <li key={use.id}>
          <Link href={`/p/${use.id}?node=${use.nodes[0]}`} className={classes.link}>
            {use.name}
          </Link>{" "}
          <span className={classes.note}>{use.nodes.join(", ")}</span>
        </li>
      ))}
    </ul>
  );
}
