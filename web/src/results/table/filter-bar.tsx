// Filters of a table: those that are set, and a small form for one more.
import { Button, CloseButton, Popover, Select, TextInput } from "@mantine/core";
import { ListFilterPlus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Filter, filterText, type Operator, OPERATORS } from "./rows-query";
import classes from "./table.module.css";

interface Props {
  columns: readonly string[];
  filters: readonly Filter[];
  onChange(filters: Filter[]): void;
}

export function FilterBar({ columns, filters, onChange }: Props) {
  const { t } = useTranslation("results");
  return (
    <>
      {filters.map((filter, place) => (
        <span key={filterText(filter)} className={classes.filter}>
          {filterWords(filter, t)}
          <CloseButton
            size="xs"
            aria-label={t("filter.remove", { filter: filterText(filter) })}
            onClick={() => onChange(filters.filter((_, other) => other !== place))}
          />
        </span>
      ))}
      <AddFilter columns={columns} onAdd={(filter) => onChange([...filters, filter])} />
    </>
  );
}

const ALL: Operator[] = [...OPERATORS, "is null", "is not null"];
const WORDS: Partial<Record<Operator, string>> = {
  "~": "contains",
  "!~": "contains_not",
  "is null": "is_null",
  "is not null": "is_not_null",
};

type Translate = (key: string) => string;

const operatorText = (operator: Operator, t: Translate) =>
  WORDS[operator] ? t(`filter.${WORDS[operator]}`) : operator;
const filterWords = ({ column, operator, value }: Filter, t: Translate) =>
  `${column} ${operatorText(operator, t)} ${value}`;

interface AddProps {
  columns: readonly string[];
  onAdd(filter: Filter): void;
}

function AddFilter({ columns, onAdd }: AddProps) {
  const { t } = useTranslation("results");
  const [isOpen, setOpen] = useState(false);
  const [column, setColumn] = useState<string | null>(null);
  const [operator, setOperator] = useState<Operator>("=");
  const [value, setValue] = useState("");
  const needsValue = !operator.startsWith("is");
  const chosen = column ?? columns[0] ?? null;
  const add = () => {
    if (chosen === null) return;
    onAdd({ column: chosen, operator, value: needsValue ? value : "" });
    setOpen(false);
    setValue("");
  };
  return (
    <Popover opened={isOpen} onChange={setOpen} trapFocus position="bottom-start" shadow="md">
      <Popover.Target>
        <Button
          size="compact-xs"
          variant="subtle"
          leftSection={<ListFilterPlus size={14} />}
          onClick={() => setOpen(!isOpen)}
        >
          {t("filter.add")}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <form
          className={classes.form}
          aria-label={t("filter.add")}
          onSubmit={(event) => {
            event.preventDefault();
            add();
          }}
        >
          <Select
            size="xs"
            aria-label={t("filter.column")}
            data={[...columns]}
            value={chosen}
            onChange={setColumn}
            searchable
            comboboxProps={{ withinPortal: false }}
          />
          <Select
            size="xs"
            w={124}
            aria-label={t("filter.operator")}
            data={ALL.map((one) => ({ value: one, label: operatorText(one, t) }))}
            value={operator}
            onChange={(next) => setOperator((next ?? "=") as Operator)}
            allowDeselect={false}
            comboboxProps={{ withinPortal: false }}
          />
          {needsValue && (
            <TextInput
              size="xs"
              w={140}
              aria-label={t("filter.value")}
              placeholder={t("filter.value")}
              value={value}
              onChange={(event) => setValue(event.currentTarget.value)}
            />
          )}
          <Button size="xs" type="submit">
            {t("filter.apply")}
          </Button>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
