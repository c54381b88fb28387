// The parameters that several chosen nodes have in common; a change is made to all, in one step.
import { useTranslation } from "react-i18next";
import { setParameterOf, sharedFields, type SharedField } from "../model/several";
import { parameterText } from "../shared/component-text";
import { FieldView } from "./field-view";
import { problemsOf, useProblems } from "./problems-store";
import { columnsOf, useSchemas } from "./schemas-store";
import { edit, present, selectedNodes, useEditor } from "./store";
import classes from "./parameter-panel.module.css";

export function SharedParameters() {
  const { t } = useTranslation("editor");
  const document = useEditor(present);
  const specs = useEditor((state) => state.specs);
  const selected = useEditor((state) => state.selected);
  const ids = [...selected].filter((id) => !id.includes(":"));
  const shared = sharedFields(document, specs, ids);
  if (!shared.length) return null;
  return (
    <>
      <h2 className={classes.section}>{t("selection.parameters")}</h2>
      <div className={classes.fields}>
        {shared.map((item) => (
          <Shared key={item.field.name} item={item} ids={ids} />
        ))}
      </div>
    </>
  );
}

function Shared({
  item: { field, spec, value, isMixed },
  ids,
}: {
  item: SharedField;
  ids: string[];
}) {
  const { t } = useTranslation("editor");
  const isReadOnly = useEditor((state) => state.isReadOnly);
  const parameters = useEditor((state) => present(state).parameters);
  const nodes = useSchemas((state) => state.nodes);
  const problems = useProblems(problemsOf(ids[0]!));
  const { title = field.title, description = field.description } = parameterText(spec, field.name);
  return (
    <FieldView
      // A mixed field is another field than one with a value: nothing typed is carried over.
      key={`${field.name}.${String(isMixed)}`}
      field={isMixed ? { ...field, default: null } : field}
      title={title}
      description={isMixed ? t("selection.mixed") : description}
      value={value}
      columns={columnsOf(nodes, ids[0]!, field.port)}
      problems={isMixed ? [] : problems.filter((problem) => problem.field === field.name)}
      parameters={parameters}
      isReadOnly={isReadOnly}
      onChange={(next) =>
        edit(
          (document) => setParameterOf(document, selectedNodes(), field.name, next),
          `${ids.join(",")}.${field.name}`,
        )
      }
    />
  );
}
