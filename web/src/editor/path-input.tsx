// A path: typed, or one of the tables that were uploaded.
import { Autocomplete } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, data } from "../api/client";
import type { InputProps } from "./field-input";

export function PathInput({ field, value, onChange, isReadOnly }: InputProps) {
  const { t } = useTranslation("editor");
  const { data: list } = useQuery({
    queryKey: ["datasets"],
    queryFn: () => data(api.GET("/api/v1/datasets")),
  });
  const names = (list?.datasets ?? []).map(({ name }) => `dataset:${name}`);
  return (
    <Autocomplete
      id={`field-${field.name}`}
      size="xs"
      disabled={isReadOnly}
      data={[...new Set(names)]}
      value={typeof value === "string" ? value : ""}
      placeholder={t("field.path")}
      onChange={(next) => onChange(next || (field.required ? "" : undefined))}
    />
  );
}
