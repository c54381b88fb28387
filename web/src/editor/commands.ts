// Every action of the editor: its name, its keys, when it can be done. Menus, keys, the command
// palette and the help all read this list.
import {
  addFrame,
  addNote,
  findNode,
  placeOf,
  removeAt,
  removeEdges,
  removeNodes,
  setDisabled,
  setLayout,
  type Document,
} from "../model/document";
import { align, distribute, removeAndReconnect, type Alignment } from "../model/edit";
import { togglePinned } from "../model/several";
import { ancestors, descendants } from "../model/walk";
import i18next from "i18next";
import { matches } from "../shared/keys";
import { copySelection, cutSelection, duplicateSelection, pasteClip } from "./clipboard";
import { actions } from "./actions";
import { walkGraph } from "./keyboard-walk";
import { prefer, toggle, usePreferences } from "../shared/preferences";
import { openQuickAdd } from "./placing";
import { tidy } from "./tidy";
import {
  chosenNode,
  edit,
  present,
  redoEdit,
  select,
  selectedNodes,
  undoEdit,
  useEditor,
} from "./store";
import * as viewport from "./viewport";

export type Group = "run" | "edit" | "select" | "add" | "arrange" | "view" | "general";

export interface Command {
  id: string;
  group: Group;
  keys: string[];
  /** canvas: only while the canvas has the keyboard, so that letters write text elsewhere. */
  scope: "canvas" | "anywhere";
  isPossible(): boolean;
  run(): void;
}

type Rest = Partial<Pick<Command, "scope" | "isPossible">>;

const command = (
  group: Group,
  id: string,
  keys: string | string[],
  run: () => void,
  rest: Rest = {},
): Command => ({
  id,
  group,
  keys: [keys].flat().filter(Boolean),
  scope: "canvas",
  isPossible: () => true,
  run,
  ...rest,
});

const isWritable = () => !useEditor.getState().isReadOnly;
const hasNodes = () => isWritable() && selectedNodes().length > 0;
const hasMany = () => isWritable() && selectedNodes().length > 1;
const hasOne = () => chosenNode(useEditor.getState()) !== null;
const hasAny = () => {
  const { selected, selectedEdges } = useEditor.getState();
  return isWritable() && selected.size + selectedEdges.size > 0;
};
const anywhere: Rest = { scope: "anywhere" };

const alignment = (how: Alignment) => () =>
  edit((document) => align(document, selectedNodes(), how));

export const COMMANDS: Command[] = [
  command("run", "run.all", "Mod+Enter", () => actions.run("EXECUTE_ALL"), anywhere),
  command("run", "run.to_here", "Mod+Shift+Enter", () => actions.run("EXECUTE_TO_HERE"), {
    ...anywhere,
    isPossible: hasOne,
  }),
  command("run", "run.from_here", "", () => actions.run("EXECUTE_FROM_HERE"), {
    isPossible: hasOne,
  }),
  command("run", "run.one", "", () => actions.run("EXECUTE_ONE"), { isPossible: hasOne }),
  command("run", "run.children", "", () => actions.run("EXECUTE_CHILDREN"), { isPossible: hasOne }),
  command("run", "run.stop", "Mod+.", () => actions.stop(), anywhere),
  command("run", "run.plan", "", () => actions.plan()),
  command("run", "run.first_error", "", () => actions.firstError()),

  command("edit", "edit.undo", "Mod+Z", undoEdit, { ...anywhere, isPossible: isWritable }),
  command("edit", "edit.redo", ["Mod+Shift+Z", "Mod+Y"], redoEdit, {
    ...anywhere,
    isPossible: isWritable,
  }),
  command("edit", "edit.copy", "Mod+C", () => void copySelection()),
  command("edit", "edit.cut", "Mod+X", () => void cutSelection(), { isPossible: hasNodes }),
  command("edit", "edit.paste", "Mod+V", () => void pasteClip(false), { isPossible: isWritable }),
  command("edit", "edit.paste_connected", "Mod+Shift+V", () => void pasteClip(true), {
    isPossible: isWritable,
  }),
  command("edit", "edit.duplicate", "Mod+D", duplicateSelection, { isPossible: hasNodes }),
  command("edit", "edit.delete", ["Delete", "Backspace"], deleteSelection, { isPossible: hasAny }),
  command("edit", "edit.delete_reconnect", ["Mod+Delete", "Mod+Backspace"], reconnect, {
    isPossible: hasNodes,
  }),
  command("edit", "edit.rename", "F2", rename, { isPossible: isWritable }),
  command("edit", "edit.disable", "D", toggleDisabled, { isPossible: hasNodes }),
  command(
    "edit",
    "edit.pin",
    "P",
    () => edit((document) => togglePinned(document, selectedNodes())),
    {
      isPossible: hasNodes,
    },
  ),
  command("edit", "edit.save", "Mod+S", () => actions.saveVersion(), {
    ...anywhere,
    isPossible: isWritable,
  }),

  command("select", "select.all", "Mod+A", () => select(present().nodes.map(({ id }) => id))),
  command("select", "select.none", "Escape", escape),
  command("select", "select.upstream", "Shift+ArrowLeft", () => spread(ancestors)),
  command("select", "select.downstream", "Shift+ArrowRight", () => spread(descendants)),
  command("select", "select.up", "ArrowUp", () => walkGraph("up")),
  command("select", "select.down", "ArrowDown", () => walkGraph("down")),
  command("select", "select.left", "ArrowLeft", () => walkGraph("left")),
  command("select", "select.right", "ArrowRight", () => walkGraph("right")),
  command("select", "select.find", "Mod+F", () => actions.open("find"), anywhere),

  command("add", "add.node", "N", addAtCentre, { isPossible: isWritable }),
  command("add", "add.connect", "C", () => actions.open("connect"), {
    isPossible: () => isWritable() && hasOne(),
  }),
  command("add", "add.note", "", note, { isPossible: isWritable }),
  command("add", "add.frame", "Mod+G", frame, { isPossible: hasNodes }),
  command("add", "add.unframe", "Mod+Shift+G", unframe, { isPossible: hasAny }),

  command("arrange", "arrange.tidy", "Shift+Alt+T", () => void tidy(), { isPossible: isWritable }),
  command("arrange", "arrange.left", "", alignment("left"), { isPossible: hasMany }),
  command("arrange", "arrange.centre", "", alignment("centre"), { isPossible: hasMany }),
  command("arrange", "arrange.right", "", alignment("right"), { isPossible: hasMany }),
  command("arrange", "arrange.top", "", alignment("top"), { isPossible: hasMany }),
  command("arrange", "arrange.middle", "", alignment("middle"), { isPossible: hasMany }),
  command("arrange", "arrange.bottom", "", alignment("bottom"), { isPossible: hasMany }),
  command("arrange", "arrange.spread_x", "", () => distributeBy("x"), { isPossible: hasMany }),
  command("arrange", "arrange.spread_y", "", () => distributeBy("y"), { isPossible: hasMany }),
  ...(["Up", "Down", "Left", "Right"] as const).flatMap((side) => [
    command(
      "arrange",
      `arrange.nudge_${side.toLowerCase()}`,
      `Alt+Arrow${side}`,
      () => nudge(side, 8),
      {
        isPossible: hasNodes,
      },
    ),
    command(
      "arrange",
      `arrange.push_${side.toLowerCase()}`,
      `Alt+Shift+Arrow${side}`,
      () => nudge(side, 32),
      { isPossible: hasNodes },
    ),
  ]),

  command("view", "view.fit", "1", () => viewport.fit()),
  command("view", "view.fit_selection", "2", viewport.fitSelection),
  command("view", "view.actual", "0", () => viewport.zoomTo(1)),
  command("view", "view.in", "+", viewport.zoomIn),
  command("view", "view.out", "-", viewport.zoomOut),
  command("view", "view.minimap", "M", () => toggle("showsMinimap")),
  command("view", "view.palette", "Mod+B", () => toggle("showsPalette"), anywhere),
  command("view", "view.dock", "Mod+J", () => toggle("showsDock"), anywhere),
  command("view", "view.panels", "Mod+\\", togglePanels, anywhere),
  command("view", "view.parameters", "Enter", () => actions.open("parameters")),
  command("view", "view.output", "O", () => actions.openTab("output")),
  command("view", "view.input", "I", () => actions.openTab("input")),
  command("view", "view.logs", "L", () => actions.openTab("logs")),

  command("general", "general.commands", "Mod+K", () => actions.open("commands"), anywhere),
  command("general", "general.help", "?", () => actions.open("help")),
  command("general", "general.versions", "", () => actions.open("versions")),
  command("general", "general.runs", "", () => actions.open("runs")),
  command("general", "general.export", "", () => actions.exportFile()),
  command("general", "general.settings", "Mod+,", () => actions.settings(), anywhere),
];

export const commandName = ({ id }: Command): string =>
  i18next.t(`editor:command.${id.replace(".", "_")}`);

export const findCommand = (id: string): Command => COMMANDS.find((item) => item.id === id)!;

/** Do what the pressed keys mean; true when they meant something. */
export function runChord(event: KeyboardEvent, scope: Command["scope"]): boolean {
  const found = COMMANDS.find(
    (item) => item.scope === scope && item.keys.some((chord) => matches(event, chord)),
  );
  if (!found) return false;
  if (found.isPossible()) found.run();
  return true;
}

function deleteSelection(): void {
  const { selected, selectedEdges } = useEditor.getState();
  edit((document) => withoutLayout(removeNodes(removeEdges(document, selectedEdges), selected)));
  select([]);
}

/** Selected frames and notes are taken away; what stood in a frame stays. */
function withoutLayout(document: Document): Document {
  const { selected } = useEditor.getState();
  const chosen = (type: string) =>
    new Set(
      [...selected].flatMap((id) => (id.startsWith(`${type}:`) ? [Number(id.split(":")[1])] : [])),
    );
  const [frames, notes] = [chosen("frame"), chosen("note")];
  if (!frames.size && !notes.size) return document;
  return setLayout(document, {
    frames: removeAt(document.layout.frames, frames),
    notes: removeAt(document.layout.notes, notes),
  });
}

function reconnect(): void {
  const { specs } = useEditor.getState();
  edit((document) => removeAndReconnect(document, specs, new Set(selectedNodes())));
}

function rename(): void {
  const [only, ...more] = useEditor.getState().selected;
  if (only && !more.length) useEditor.setState({ renaming: only });
}

function toggleDisabled(): void {
  const ids = new Set(selectedNodes());
  edit((document) => {
    const areAll = [...ids].every((id) => findNode(document, id)?.disabled);
    return setDisabled(document, ids, !areAll);
  });
}

function escape(): void {
  if (useEditor.getState().quickAdd) useEditor.setState({ quickAdd: null });
  else select([]);
}

function spread(reach: typeof ancestors): void {
  const ids = selectedNodes();
  select([...ids, ...reach(present(), ids)]);
}

function addAtCentre(): void {
  const { x, y } = viewport.screenCentre();
  openQuickAdd(x, y);
}

function note(): void {
  const { x, y } = viewport.centre();
  edit((document) => addNote(document, { x: x - 100, y: y - 48 }, ""));
  select([`note:${present().layout.notes.length - 1}`]);
}

function frame(): void {
  edit((document) => addFrame(document, selectedNodes(), ""));
  const id = `frame:${present().layout.frames.length - 1}`;
  select([id]);
  useEditor.setState({ renaming: id });
}

function unframe(): void {
  edit(withoutLayout);
  select([]);
}

function distributeBy(axis: "x" | "y"): void {
  edit((document) => distribute(document, selectedNodes(), axis));
}

const STEPS = { Up: [0, -1], Down: [0, 1], Left: [-1, 0], Right: [1, 0] } as const;

function nudge(side: keyof typeof STEPS, by: number): void {
  const [dx, dy] = STEPS[side];
  edit((document) => {
    const nodes = Object.fromEntries(
      selectedNodes().map((id) => {
        const { x, y } = placeOf(document, id);
        return [id, { x: x + dx * by, y: y + dy * by }];
      }),
    );
    return {
      ...document,
      layout: { ...document.layout, nodes: { ...document.layout.nodes, ...nodes } },
    };
  }, "nudge");
}

function togglePanels(): void {
  const { showsPalette, showsPanel, showsDock } = usePreferences.getState();
  const shows = !(showsPalette || showsPanel || showsDock);
  prefer({ showsPalette: shows, showsPanel: shows, showsDock: shows });
}
