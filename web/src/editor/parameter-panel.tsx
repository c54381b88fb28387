// The panel on the right: the chosen node's parameters, or the pipeline's own.
import { ActionIcon, Button, Collapse, Tabs, Text, Tooltip } from "@mantine/core";
import { ChevronDown, ChevronRight, FastForward, X } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import {
  changeNode,
  findNode,
  labelOf,
  setParameter,
  type NodeItem,
  type Spec,
} from "../model/document";
import { fieldsOf, shownFirst, type Field } from "../model/fields";
import { parameterText, titleOf } from "../shared/component-text";
import { hintText, problemText } from "../shared/problem-text";
import { isComposing } from "../shared/keys";
import { actions } from "./actions";
import type { ProblemItem } from "../api/client";
import { FieldView } from "./field-view";
import { KindIcon } from "./kind-icon";
import { PipelinePanel } from "./pipeline-panel";
import { prefer } from "../shared/preferences";
import { problemsOf, useProblems } from "./problems-store";
import { stepOf, useRun } from "./run-store";
import { columnsOf, useSchemas } from "./schemas-store";
import { useStale } from "./stale-store";
import { edit, present, selectedNodes, useEditor } from "./store";
import classes from "./parameter-panel.module.css";

// What an opened pipeline does not show at once is loaded when it is looked at.
const ComponentInfo = lazy(() => import("./component-info"));
const NodeSettings = lazy(() => import("./node-settings"));
const ReplaceWith = lazy(() => import("./replace-with"));
const SelectionPanel = lazy(() => import("./selection-panel"));

export function ParameterPanel() {
  const count = useEditor((state) => selectedNodes(state).length);
  const only = useEditor((state) => (count === 1 ? selectedNodes(state)[0]! : null));
  const node = useEditor((state) => (only ? findNode(present(state), only) : undefined));
  if (count <= 1 && !node) return <PipelinePanel />;
  return (
    <Suspense>{count > 1 ? <SelectionPanel /> : <NodePanel key={only} node={node!} />}</Suspense>
  );
}

function NodePanel({ node }: { node: NodeItem }) {
  const { t } = useTranslation("editor");
  const spec = useEditor((state) => state.specs.get(node.component) ?? null);
  return (
    <div className={classes.panel}>
      <Head node={node} spec={spec} />
      <Tabs defaultValue="parameters" className={classes.tabs} keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="parameters">{t("panel.parameters")}</Tabs.Tab>
          <Tabs.Tab value="settings">{t("panel.settings")}</Tabs.Tab>
          <Tabs.Tab value="info">{t("panel.info")}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="parameters" className={classes.body}>
          {spec ? <Form node={node} spec={spec} /> : <Unknown node={node} />}
        </Tabs.Panel>
        <Tabs.Panel value="settings" className={classes.body}>
          <NodeSettings node={node} spec={spec} />
        </Tabs.Panel>
        <Tabs.Panel value="info" className={classes.body}>
          {spec && <ComponentInfo spec={spec} node={node.id} />}
        </Tabs.Panel>
      </Tabs>
      <div className={classes.foot}>
        <Button
          size="xs"
          variant="default"
          leftSection={<FastForward size={14} />}
          onClick={() => actions.run("EXECUTE_TO_HERE")}
        >
          {t("command.run_to_here")}
        </Button>
      </div>
    </div>
  );
}

function Head({ node, spec }: { node: NodeItem; spec: Spec | null }) {
  const { t } = useTranslation("editor");
  const isReadOnly = useEditor((state) => state.isReadOnly);
  return (
    <div className={classes.head}>
      {spec && <KindIcon spec={spec} size={20} />}
      <div className={classes.names}>
        <input
          key={node.name}
          className={classes.name}
          defaultValue={labelOf(node)}
          readOnly={isReadOnly}
          maxLength={200}
          aria-label={t("panel.name")}
          onBlur={({ currentTarget }) => {
            const name = currentTarget.value.trim();
            if (name && name !== labelOf(node))
              edit((document) => changeNode(document, node.id, { name }));
          }}
          onKeyDown={(event) => {
            if (event.key === "Enter" && !isComposing(event)) event.currentTarget.blur();
          }}
        />
        <Text size="xs" c="dimmed">
          {spec ? `${titleOf(spec)} · ${spec.version}` : node.component}
        </Text>
      </div>
      <Tooltip label={t("panel.close")}>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={t("panel.close")}
          onClick={() => prefer({ showsPanel: false })}
        >
          <X size={16} />
        </ActionIcon>
      </Tooltip>
    </div>
  );
}

function Unknown({ node }: { node: NodeItem }) {
  const { t } = useTranslation("editor");
  return (
    <div className={classes.fields}>
      <Text>{t("panel.unknown", { name: node.component })}</Text>
      <ReplaceWith node={node} />
      <pre className={classes.raw}>{JSON.stringify(node.parameters ?? {}, null, 2)}</pre>
    </div>
  );
}

function Form({ node, spec }: { node: NodeItem; spec: Spec }) {
  const { t } = useTranslation("editor");
  const [isOpen, setOpen] = useState(false);
  const fields = fieldsOf(spec);
  const [first, rest] = shownFirst(fields, node.parameters ?? {});
  const others = useProblems(problemsOf(node.id)).filter(
    ({ field, port }) => !port && !fields.some(({ name }) => isAbout(field, name)),
  );
  if (!fields.length) return <Text c="dimmed">{t("panel.no_parameters")}</Text>;
  return (
    <div className={classes.fields}>
      {others.map((problem) => (
        <p key={problem.message} className={classes.problem} role="alert">
          {problemText(problem)} {hintText(problem)}
        </p>
      ))}
      {first.map((field) => (
        <NodeField key={field.name} node={node} spec={spec} field={field} />
      ))}
      {rest.length > 0 && (
        <>
          <button
            type="button"
            className={classes.more}
            aria-expanded={isOpen}
            onClick={() => setOpen(!isOpen)}
          >
            {isOpen ? <ChevronDown size={14} /> : <ChevronRight size={14} />}
            {t("panel.more", { count: rest.length })}
          </button>
          <Collapse expanded={isOpen}>
            <div className={classes.fields}>
              {rest.map((field) => (
                <NodeField key={field.name} node={node} spec={spec} field={field} />
              ))}
            </div>
          </Collapse>
        </>
      )}
    </div>
  );
}

/** A problem of `hidden_units.0` or `parameters.hidden_units` is one of the field hidden_units. */
const isAbout = (field: string | null | undefined, name: string): boolean =>
  field?.replace(/^parameters\./, "").split(".")[0] === name;

const NONE: readonly ProblemItem[] = [];

/** What the shown run says is wrong with a node, while the node is as it was run. */
function useToldProblems(id: string): readonly ProblemItem[] {
  const step = useRun(stepOf(id));
  const isStale = useStale(({ nodes }) => nodes.has(id));
  return step?.state === "failed" && !isStale ? step.problems : NONE;
}

function NodeField({ node, spec, field }: { node: NodeItem; spec: Spec; field: Field }) {
  const isReadOnly = useEditor((state) => state.isReadOnly);
  const parameters = useEditor((state) => present(state).parameters);
  const problems = useProblems(problemsOf(node.id));
  const told = useToldProblems(node.id);
  const nodes = useSchemas((state) => state.nodes);
  const { title = field.title, description = field.description } = parameterText(spec, field.name);
  return (
    <FieldView
      field={field}
      title={title}
      description={description}
      value={node.parameters?.[field.name]}
      columns={columnsOf(nodes, node.id, field.port)}
      problems={[...problems, ...told].filter((problem) => isAbout(problem.field, field.name))}
      parameters={parameters}
      isReadOnly={isReadOnly}
      onChange={(value) =>
        edit(
          (document) => setParameter(document, node.id, field.name, value),
          `${node.id}.${field.name}`,
        )
      }
    />
  );
}
