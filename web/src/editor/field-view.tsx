// One parameter: its label, its field, what is wrong with it, and a way to use a pipeline parameter.
import { ActionIcon, Menu, Pill, Tooltip } from "@mantine/core";
import { Braces, RotateCcw } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { PipelineParameter } from "../model/document";
import { referenceIn, type Field } from "../model/fields";
import { hintText, problemText } from "../shared/problem-text";
import { FieldInput, type InputProps } from "./field-input";
import classes from "./field-view.module.css";

interface Props extends Omit<InputProps, "field" | "label"> {
  field: Field;
  title: string;
  description: string;
  parameters: Record<string, PipelineParameter>;
}

export function FieldView(props: Props) {
  const { t } = useTranslation("editor");
  const { field, title, description, value, problems, parameters, onChange, isReadOnly } = props;
  const reference = referenceIn(value);
  const isSet = value !== undefined;
  const id = `field-${field.name}`;
  const problem = problems[0];
  return (
    <div className={classes.field} data-invalid={problem ? true : undefined}>
      <div className={classes.head}>
        <label htmlFor={id} className={classes.label}>
          {title}
          {field.required && <span className={classes.required}> *</span>}
        </label>
        {!isReadOnly && (
          <span className={classes.tools}>
            {isSet && !field.required && (
              <Tooltip label={t("field.reset")}>
                <ActionIcon
                  size={24}
                  variant="subtle"
                  color="gray"
                  aria-label={`${t("field.reset")}: ${title}`}
                  onClick={() => onChange(undefined)}
                >
                  <RotateCcw size={13} />
                </ActionIcon>
              </Tooltip>
            )}
            <References
              names={Object.keys(parameters)}
              title={title}
              onPick={(name) => onChange(`\${${name}}`)}
            />
          </span>
        )}
      </div>
      {reference === null ? (
        <FieldInput {...props} label={title} />
      ) : (
        <Pill withRemoveButton={!isReadOnly} onRemove={() => onChange(undefined)} size="md" id={id}>
          <Braces size={12} aria-hidden className={classes.braces} /> {reference}
          {parameters[reference] && <Muted> = {String(parameters[reference].default ?? "")}</Muted>}
        </Pill>
      )}
      {problem ? (
        <p className={classes.error} role="alert">
          {problemText(problem)} {hintText(problem)}
        </p>
      ) : (
        description && <p className={classes.help}>{description}</p>
      )}
    </div>
  );
}

const Muted = ({ children }: { children: ReactNode }) => (
  <span className={classes.muted}>{children}</span>
);

interface ReferencesProps {
  names: string[];
  title: string;
  onPick(name: string): void;
}

function References({ names, title, onPick }: ReferencesProps) {
  const { t } = useTranslation("editor");
  if (!names.length) return null;
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <Tooltip label={t("field.reference")}>
          <ActionIcon
            size={24}
            variant="subtle"
            color="gray"
            aria-label={`${t("field.reference")}: ${title}`}
          >
            <Braces size={13} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        {names.map((name) => (
          <Menu.Item key={name} onClick={() => onPick(name)}>
            {`\${${name}}`}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
