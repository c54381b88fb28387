// A feature map: every field with its kind, its size, how much it covers, and its values.
import { TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Binary, Hash, Rows3, Search, Sigma } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { downloadAddress } from "../artifacts";
import { formatCount, formatShare } from "../format";
import { type FeatureMap, type Field, isCut, readFeatureMap } from "./document";
import { FieldDetail } from "./field-detail";
import classes from "./feature-map.module.css";

interface Props {
  document: unknown;
  /** Of the artifact: with it, lists that were cut for the preview are read whole. */
  digest?: string;
}

export default function FeatureMapView({ document, digest }: Props) {
  const whole = useWhole(document, digest);
  return <Fields map={useMemo(() => readFeatureMap(whole), [whole])} />;
}

/** Also of a report: fields, and what is known of them. */
export function Fields({ map }: { map: FeatureMap }) {
  const { t } = useTranslation("results");
  const [search, setSearch] = useState("");
  const [chosen, setChosen] = useState<string | null>(null);
  const wanted = search.toLowerCase();
  const fields = map.fields.filter((field) => field.name.toLowerCase().includes(wanted));
  const field = fields.find(({ name }) => name === chosen) ?? fields[0];
  return (
    <div className={classes.view}>
      <Summary map={map} />
      <div className={classes.columns}>
        <div className={classes.list}>
          {map.fields.length > 12 && (
            <TextInput
              size="xs"
              leftSection={<Search size={14} />}
              placeholder={t("fields.search")}
              aria-label={t("fields.search")}
              value={search}
              onChange={(event) => setSearch(event.currentTarget.value)}
              mb={8}
            />
          )}
          <FieldsTable fields={fields} chosen={field?.name ?? null} onChoose={setChosen} />
        </div>
        {field && <FieldDetail field={field} rows={map.rows} />}
      </div>
    </div>
  );
}

/** The document without cuts, once it is here; a vocabulary of many megabytes stays cut. */
function useWhole(document: unknown, digest: string | undefined): unknown {
  const { data } = useQuery({
    queryKey: ["whole", digest],
    enabled: digest !== undefined && isCut(document),
    staleTime: Infinity,
    queryFn: async ({ signal }) => {
      const response = await fetch(downloadAddress(digest!), { signal });
      const size = Number(response.headers.get("content-length") ?? 0);
      if (!response.ok || size > MAX_WHOLE) return null;
      return (await response.json()) as unknown;
    },
  });
  return data ?? document;
}

const MAX_WHOLE = 8 << 20;

function Summary({ map }: { map: FeatureMap }) {
  const { t } = useTranslation("results");
  const facts = [
    [t("fields.count"), formatCount(map.fields.length)],
    [t("fields.indices"), formatCount(map.featureSize)],
    [t("fields.rows"), formatCount(map.rows)],
    ...(map.label === null ? [] : [[t("fields.label"), map.label]]),
    ...(map.labelRate === null ? [] : [[t("fields.label_rate"), formatShare(map.labelRate)]]),
    ...(map.missingValues.length
      ? [[t("fields.missing_values"), map.missingValues.join(", ")]]
      : []),
  ];
  return (
    <dl className={classes.summary}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

interface TableProps {
  fields: readonly Field[];
  chosen: string | null;
  onChoose(name: string): void;
}

function FieldsTable({ fields, chosen, onChoose }: TableProps) {
  const { t } = useTranslation("results");
  const largest = Math.max(...fields.map((field) => field.indices), 1);
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col">{t("fields.name")}</th>
          <th scope="col">{t("fields.kind")}</th>
          <th scope="col" className={classes.right}>
            {t("fields.indices")}
          </th>
          <th scope="col" className={classes.right}>
            {t("fields.coverage")}
          </th>
          <th scope="col" className={classes.right}>
            {t("fields.unknown")}
          </th>
        </tr>
      </thead>
      <tbody>
        {fields.map((field) => (
          <tr key={field.name} data-chosen={field.name === chosen || undefined}>
            <td>
              <button
                type="button"
                className={classes.field}
                aria-pressed={field.name === chosen}
                onClick={() => onChoose(field.name)}
              >
                {field.name}
              </button>
            </td>
            <td>
              <Kind field={field} />
            </td>
            <td className={classes.right}>
              <span className={classes.size}>
                <span
                  className={classes.bar}
                  style={{ width: `${(44 * field.indices) / largest}px` }}
                  aria-hidden
                />
                {field.sharedWith ? "–" : formatCount(field.indices)}
              </span>
            </td>
            <td className={classes.right} data-low={isLow(field.coverage) || undefined}>
              {formatShare(field.coverage)}
            </td>
            <td className={classes.right}>{formatShare(field.unknown)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const isLow = (coverage: number | null) => coverage !== null && coverage < 0.5;
const ICONS = { numeric: Sigma, bucket: Binary, categorical: Rows3, hashed: Hash };

function Kind({ field }: { field: Field }) {
  const { t } = useTranslation("results");
  const Icon = ICONS[field.kind] ?? Rows3;
  const marks = [
    field.isCross && t("field_kind.cross"),
    field.isMulti && t("field_kind.multi"),
    field.sharedWith && t("field_kind.shared", { name: field.sharedWith }),
  ].filter(Boolean);
  return (
    <span className={classes.kind}>
      <Icon size={14} aria-hidden />
      {[t(`field_kind.${field.kind}`), ...marks].join(" · ")}
    </span>
  );
}
