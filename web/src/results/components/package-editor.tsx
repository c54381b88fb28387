// A component written in the browser: Python on the left, what it makes on the right.
import { Button, Loader, Select, TextInput, VisuallyHidden } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ArrowLeft, CircleCheck, CircleX, Save } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "../../api/client";
import { useQueryValue } from "../../shared/location";
import { hintText, problemText } from "../../shared/problem-text";
import { Refused, Waiting } from "../artifact/refused";
import { Approval } from "./approval";
import classes from "./components.module.css";
import { FormPreview, NodePreview } from "./node-preview";
import {
  packageOf,
  type PackageVersion,
  saveChanged,
  saveNew,
  type SourceFile,
  type SourceRead,
  sourceOf,
} from "./packages";
import { packageName, STARTER } from "./starter";
import { useRead } from "./use-read";

const CodeEditor = lazy(() => import("./code-editor"));

interface Props {
  /** Null: a new package. */
  name: string | null;
  onClose(): void;
  onSaved(version: PackageVersion): void;
}

export function PackageEditor({ name, onClose, onSaved }: Props) {
  const detail = useQuery({ ...packageOf(name ?? ""), enabled: name !== null });
  const version = detail.data?.version;
  const source = useQuery({
    ...sourceOf(name ?? "", version ?? 0),
    enabled: name !== null && version !== undefined,
  });
  const error = detail.error ?? source.error;
  if (error) return <Refused error={error} />;
  if (name === null) {
    return <Editor key="new" name={null} files={NEW} version={null} {...{ onClose, onSaved }} />;
  }
  if (!source.data || version === undefined) return <Waiting />;
  return (
    <Editor
      key={`${name} ${version}`}
      name={name}
      version={version}
      files={source.data}
      {...{ onClose, onSaved }}
    />
  );
}

const NEW: SourceFile[] = [{ path: "my_component.py", size: 0, text: STARTER }];

interface EditorProps extends Props {
  version: number | null;
  files: readonly SourceFile[];
}

function Editor({ name, version, files, onClose, onSaved }: EditorProps) {
  const { t } = useTranslation("results");
  const texts = files.filter((file) => file.text !== null);
  const [edited, setEdited] = useState<Record<string, string>>(() =>
    Object.fromEntries(texts.map((file) => [file.path, file.text!])),
  );
  const [path, setPath] = useState(firstComponent(texts));
  const [newName, setNewName] = useState("my_component");
  const [line] = useQueryValue("line");
  const source = edited[path] ?? "";
  const isPython = path.endsWith(".py");
  const { read, isLate } = useRead(isPython ? source : "", fileOf(path));
  const saved = useSave({ name, version, newName, edited, onSaved });
  const hasProblems = isPython && (read?.problems.length ?? 0) > 0;
  return (
    <div className={classes.editor}>
      <header className={classes.editorHead}>
        <Button size="xs" variant="subtle" leftSection={<ArrowLeft size={14} />} onClick={onClose}>
          {t("page.back")}
        </Button>
        {name === null ? (
          <>
            <VisuallyHidden component="h1">{t("components.new")}</VisuallyHidden>
            <TextInput
              size="xs"
              aria-label={t("package.name")}
              value={newName}
              onChange={(event) => setNewName(packageName(event.currentTarget.value))}
            />
          </>
        ) : (
          <h1 className={classes.editorName}>
            {name} <span className={classes.note}>v{version}</span>
          </h1>
        )}
        {texts.length > 1 && (
          <Select
            size="xs"
            aria-label={t("package.file")}
            data={texts.map((file) => file.path)}
            value={path}
            onChange={(next) => next && setPath(next)}
            allowDeselect={false}
          />
        )}
        <TextInput
          size="xs"
          className={classes.versionNote}
          placeholder={t("package.note")}
          aria-label={t("package.note")}
          value={saved.note}
          onChange={(event) => saved.setNote(event.currentTarget.value)}
        />
        <Button
          size="xs"
          leftSection={<Save size={14} />}
          disabled={hasProblems || (name === null && !newName)}
          loading={saved.isBusy}
          onClick={() => void saved.save()}
        >
          {t("package.save")}
        </Button>
      </header>
      {name !== null && <Approval name={name} />}
      <div className={classes.split}>
        <Suspense fallback={<Waiting />}>
          <CodeEditor
            key={path}
            file={path}
            initial={source}
            label={path}
            line={Number(line) || null}
            problems={hasProblems ? read!.problems : []}
            onChange={(text) => setEdited((all) => ({ ...all, [path]: text }))}
          />
        </Suspense>
        <Preview read={isPython ? read : null} isLate={isLate} />
      </div>
    </div>
  );
}

function Preview({ read, isLate }: { read: SourceRead | null; isLate: boolean }) {
  const { t } = useTranslation("results");
  if (!read) return <aside className={classes.preview}>{isLate && <Loader size="sm" />}</aside>;
  const { components, problems, requirements } = read;
  return (
    <aside className={classes.preview} aria-busy={isLate} aria-label={t("package.preview")}>
      <p className={classes.verdict} data-ok={!problems.length || undefined} role="status">
        {problems.length ? (
          <CircleX size={15} aria-hidden />
        ) : (
          <CircleCheck size={15} aria-hidden />
        )}
        {problems.length
          ? t("package.problems", { count: problems.length })
          : t("package.fine", { count: components.length })}
      </p>
      <ul className={classes.plainList}>
        {problems.map((problem) => (
          <li key={`${problem.line} ${problem.message}`} className={classes.problem}>
            {problem.line !== null && (
              <span className={classes.line}>{t("package.line", { line: problem.line })}</span>
            )}{" "}
            {problem.message}
          </li>
        ))}
      </ul>
      {components.map((spec) => (
        <section key={spec.name}>
          <h2 className={classes.section}>{t("package.node")}</h2>
          <NodePreview spec={spec} />
          <p className={classes.paragraph}>{spec.summary}</p>
          <h2 className={classes.section}>{t("package.form")}</h2>
          <FormPreview spec={spec} />
        </section>
      ))}
      {requirements.length > 0 && (
        <p className={classes.note}>
          {t("package.requirements")}: {requirements.join(", ")}
        </p>
      )}
    </aside>
  );
}

interface SaveOptions extends Pick<EditorProps, "name" | "version" | "onSaved"> {
  newName: string;
  edited: Record<string, string>;
}

function useSave({ name, version, newName, edited, onSaved }: SaveOptions) {
  const { t } = useTranslation("results");
  const client = useQueryClient();
  const [note, setNote] = useState("");
  const [isBusy, setBusy] = useState(false);
  const save = async () => {
    setBusy(true);
    try {
      const saved =
        name === null || version === null
          ? await saveNew(newName, Object.values(edited)[0] ?? "", note)
          : await saveChanged(name, version, edited, note);
      await client.invalidateQueries({ queryKey: ["components"] });
      await client.invalidateQueries({ queryKey: ["package"] });
      notifications.show({ message: t("package.saved", saved) });
      onSaved(saved);
    } catch (error) {
      const problem = error instanceof ApiError ? error.problems[0] : undefined;
      notifications.show({
        color: "red",
        title: problem ? problemText(problem) : (error as Error).message,
        message: problem ? hintText(problem) : "",
        autoClose: 10_000,
      });
    } finally {
      setBusy(false);
    }
  };
  return { note, setNote, isBusy, save };
}

/** The file to begin with: one that may hold a component, not a private one. */
function firstComponent(files: readonly SourceFile[]): string {
  const python = files.filter((file) => file.path.endsWith(".py"));
  return (
    (python.find((file) => !fileOf(file.path).startsWith("_")) ?? python[0] ?? files[0])?.path ?? ""
  );
}

const fileOf = (path: string) => path.split("/").at(-1)!;
