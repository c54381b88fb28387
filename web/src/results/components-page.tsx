// What can be placed in a pipeline: documentation of every component, and an editor for one's own.
import { useQuery } from "@tanstack/react-query";
import { CircleX } from "lucide-react";
import { useTranslation } from "react-i18next";
import { api, data, type Schemas } from "../api/client";
import { setQuery, useQueryValue } from "../shared/location";
import { Refused, Waiting } from "./artifact/refused";
import { brokenKey, ComponentList } from "./components/component-list";
import { ComponentView } from "./components/component-view";
import classes from "./components/components.module.css";
import { PackageEditor } from "./components/package-editor";

const NEW = "*";

export default function ComponentsPage() {
  const [name, setName] = useQueryValue("name");
  const [edited, setEdited] = useQueryValue("edit");
  const { data: list, error } = useQuery({
    queryKey: ["components"],
    queryFn: () => data(api.GET("/api/v1/components")),
    staleTime: 60_000,
  });
  if (error) return <Refused error={error} />;
  if (!list) return <Waiting />;
  if (edited !== null) {
    return (
      <PackageEditor
        name={edited === NEW ? null : edited}
        onClose={() => setEdited(null)}
        onSaved={(saved) => setQuery({ edit: saved.name, name: saved.components[0]?.name ?? name })}
      />
    );
  }
  const broken = list.broken.find((file) => brokenKey(file) === name);
  const spec = list.components.find((one) => one.name === name) ?? list.components[0];
  return (
    <div className={classes.page}>
      <ComponentList
        components={list.components}
        broken={list.broken}
        chosen={broken ? name : (spec?.name ?? null)}
        onChoose={setName}
        onNew={() => setEdited(NEW)}
      />
      {broken ? <Broken file={broken} /> : spec && <ComponentView spec={spec} onEdit={setEdited} />}
    </div>
  );
}

function Broken({ file }: { file: Schemas["BrokenComponent"] }) {
  const { t } = useTranslation("results");
  return (
    <article className={classes.component}>
      <h2 className={classes.brokenTitle}>
        <CircleX size={18} aria-hidden /> {t("components.broken_title")}
      </h2>
      <p className={classes.mono}>
        {file.package}/{file.file}
        {file.line !== null && `:${file.line}`}
      </p>
      <pre className={classes.message}>{file.message}</pre>
      <p className={classes.note}>{t("components.broken_text")}</p>
    </article>
  );
}
