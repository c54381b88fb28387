// Pipelines, runs, and the chosen run live. Reads the REST interface; holds nothing of its own.

const FINAL = new Set(["succeeded", "failed", "cancelled", "interrupted", "quarantined"]);
const METRICS = ["rows", "positives", "base_rate", "auc", "gini", "logloss", "base_rate_logloss",
  "normalised_entropy", "pr_auc", "ks", "calibration"];
const NODE = { width: 172, height: 54 };

// progress: node id -> share, 0 to 1. reports: digest -> document.
const view = { pipelines: [], runs: [], pipeline: null, run: null, document: null, node: null,
  log: "", progress: new Map(), reports: new Map() };

async function call(path, method = "GET", body = undefined) {
  const headers = body === undefined ? {} : { "Content-Type": "application/json" };
  const answer = await fetch(`/api/v1${path}`, { method, headers, body: JSON.stringify(body) });
  if (answer.status === 401) location.reload();
  const text = await answer.text();
  const value = answer.headers.get("content-type")?.includes("json") ? JSON.parse(text) : text;
  if (!answer.ok) throw new Error(value.detail ?? value);
  return value;
}

const element = (tag, attributes = {}, ...children) =>
  filled(document.createElement(tag), attributes, children);
const shape = (tag, attributes = {}, ...children) =>
  filled(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
const state = (name) => element("span", { class: `state ${name}` }, name);
const clock = (seconds) =>
  new Date(seconds * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

// Text goes in as text, never as HTML: names and logs are written by anybody.
function filled(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

const item = (chosen, onclick, ...children) => element("li", {},
  element("button", { onclick, "aria-current": chosen ? "true" : null }, ...children));

function drawLists() {
  const shown = view.pipelines.map((pipeline) =>
    item(pipeline.id === view.pipeline, () => choosePipeline(pipeline.id),
      element("span", {}, pipeline.name), element("small", {}, `v${pipeline.version}`)));
  document.getElementById("pipelines").replaceChildren(...shown);
  const runs = view.runs.map((run) =>
    item(run.id === view.run?.id, () => chooseRun(run.id), state(run.state),
      element("span", {}, run.pipeline_name), element("small", {}, clock(run.created_at))));
  document.getElementById("runs").replaceChildren(...runs);
}

function drawRun() {
  const main = document.getElementById("run");
  const none = "No run yet: `studio run FILE` starts one.";
  if (!view.run) return main.replaceChildren(element("p", { class: "empty" }, none));
  const over = FINAL.has(view.run.state);
  main.replaceChildren(
    element("div", { class: "title" }, element("h3", {}, view.run.pipeline_name), state(view.run.state),
      element("span", { class: "empty" }, duration(view.run)),
      over ? element("button", { onclick: runAgain }, "Run again")
        : element("button", { onclick: cancel }, "Cancel")),
    element("div", { class: "card" }, graph()),
    ...problems(), ...evaluation(), ...chosenStep());
}

const duration = ({ started_at: start, finished_at: end }) =>
  start ? `${((end ?? Date.now() / 1000) - start).toFixed(1)} s` : "";

function graph() {
  const places = place(view.document);
  const [xs, ys] = ["x", "y"].map((axis) => [...places.values()].map((at) => at[axis]));
  const [left, top] = [Math.min(...xs) - 12, Math.min(...ys) - 12];
  const box = [left, top,
    Math.max(...xs) - left + NODE.width + 12, Math.max(...ys) - top + NODE.height + 12];
  const steps = new Map(view.run.steps.map((step) => [step.node_id, step]));
  return shape("svg", { viewBox: box.join(" "), role: "img", "aria-label": "The steps of the run" },
    ...(view.document.edges ?? []).map((edge) => drawEdge(places, edge)),
    ...view.document.nodes.map((node) => drawNode(places.get(node.id), node, steps.get(node.id))));
}

// Where nodes have no place of their own: a column for each distance from the sources.
function place(pipeline) {
  const places = new Map(Object.entries(pipeline.layout?.nodes ?? {}));
  const columns = new Map(pipeline.nodes.map((node) => [node.id, 0]));
  for (const _ of pipeline.nodes) {
    for (const { source, target } of pipeline.edges ?? []) {
      columns.set(target.node, Math.max(columns.get(target.node), columns.get(source.node) + 1));
    }
  }
  const heights = new Map();
  for (const node of pipeline.nodes) {
    const column = columns.get(node.id);
    const row = heights.get(column) ?? 0;
    heights.set(column, row + 1);
    if (!places.has(node.id)) places.set(node.id, { x: column * 230, y: row * 90 });
  }
  return places;
}

function drawEdge(places, edge) {
  const from = places.get(edge.source.node), to = places.get(edge.target.node);
  const x = from.x + NODE.width, y = from.y + NODE.height / 2, end = to.y + NODE.height / 2;
  const bend = Math.max(40, Math.abs(to.x - x) / 2);
  return shape("path", { class: "edge",
    d: `M${x} ${y} C${x + bend} ${y} ${to.x - bend} ${end} ${to.x} ${end}` });
}

function drawNode(at, node, step) {
  const shown = step?.state ?? "disabled";
  const share = shown === "running" ? view.progress.get(node.id) ?? 0 : 0;
  const name = node.name || node.component;
  const act = (event) => ["click", "Enter", " "].includes(event.key ?? event.type) && chooseNode(node.id);
  return shape("g", { class: `node ${shown} ${view.node === node.id ? "chosen" : ""}`, tabindex: 0,
    role: "button", "aria-label": `${name}: ${shown}`, transform: `translate(${at.x} ${at.y})`,
    onclick: act, onkeydown: act },
    shape("rect", { width: NODE.width, height: NODE.height, rx: 10 }),
    shape("text", { x: 12, y: 23 }, name.length > 22 ? `${name.slice(0, 21)}…` : name),
    shape("text", { x: 12, y: 41, class: "kind" }, `${shown} ${step ? duration(step) : ""}`),
    share ? shape("rect", { class: "bar", x: 10, y: NODE.height - 5, height: 3, rx: 1,
      width: share * (NODE.width - 20) }) : null);
}

function problems() {
  const failed = view.run.steps.flatMap((step) =>
    step.problems.map((problem) => ({ where: step.name, ...problem })));
  return [...view.run.problems, ...failed].map((problem) =>
    element("div", { class: "card problem", role: "alert" },
      element("p", {}, element("strong", {},
        [problem.where, problem.port, problem.field].filter(Boolean).join(" / ")), " ", problem.message),
      problem.hint ? element("p", { class: "hint" }, `→ ${problem.hint}`) : null));
}

function evaluation() {
  const models = view.run.steps.flatMap((step) => Object.values(step.outputs))
    .filter((output) => output.kind === "report")
    .flatMap((output) => report(output)?.models ?? []);
  if (!models.length) return [];
  const rows = METRICS.filter((name) => models.some((model) => name in model.metrics));
  return [element("h2", {}, "Evaluation"), element("table", {},
    element("thead", {}, element("tr", {}, element("th"),
      ...models.map((model) => element("th", {}, model.name)))),
    element("tbody", {}, ...rows.map((name) => element("tr", {},
      element("th", {}, name.replaceAll("_", " ")),
      ...models.map((model) => element("td", {}, number(model.metrics[name])))))))];
}

// A large report is not its own summary: it is fetched once.
function report(output) {
  if (output.summary?.models) return output.summary;
  if (!view.reports.has(output.digest)) {
    view.reports.set(output.digest, null);
    call(`/artifacts/${output.digest}/preview`).then((preview) => {
      view.reports.set(output.digest, preview.document);
      drawRun();
    });
  }
  return view.reports.get(output.digest);
}

const number = (value) =>
  Number.isInteger(value) ? value.toLocaleString() : value?.toFixed(5) ?? "–";

function chosenStep() {
  const step = view.run.steps.find((one) => one.node_id === view.node);
  if (!step) return [];
  const log = element("pre", {}, view.log);
  call(`/runs/${view.run.id}/steps/${step.node_id}/log`)
    .then((text) => { view.log = log.textContent = text || "Nothing was logged."; });
  return [element("h2", {}, step.name),
    element("div", { class: "card" },
      element("p", {}, state(step.state), ` ${step.component}, ${step.engine}`,
        step.attempt > 1 ? `, attempt ${step.attempt}` : "", step.reason ? `: ${step.reason}` : ""), log)];
}

const choosePipeline = (id) => {
  view.pipeline = view.pipeline === id ? null : id;
  return loadRuns();
};

async function chooseRun(id) {
  const changed = view.run?.id !== id;
  const run = await call(`/runs/${id}`);
  if (changed) {
    view.document = (await call(`/pipelines/${run.pipeline_id}/versions/${run.pipeline_version}`)).document;
    view.progress.clear();
    view.node = null;
  }
  view.run = run;
  drawLists();
  drawRun();
}

function chooseNode(id) {
  [view.node, view.log] = [view.node === id ? null : id, ""];
  drawRun();
}

const tell = (error) => alert(error.message);
const cancel = () => call(`/runs/${view.run.id}/cancel`, "POST").catch(tell);

function runAgain() {
  const { pipeline_id: id, parameters, pipeline_version: version } = view.run;
  call(`/pipelines/${id}/runs`, "POST", { parameters, version })
    .then((run) => chooseRun(run.id)).catch(tell);
}

async function loadRuns() {
  const filter = view.pipeline ? `?pipeline=${view.pipeline}` : "";
  view.pipelines = (await call("/pipelines")).pipelines;
  view.runs = (await call(`/runs${filter}`)).runs;
  drawLists();
}

let waiting = null;

// Events say that something changed; what it is now is asked for, at most ten times a second.
function refreshSoon(withLists) {
  refreshSoon.lists ||= withLists;
  waiting ??= setTimeout(async () => {
    const lists = refreshSoon.lists;
    [waiting, refreshSoon.lists] = [null, false];
    if (lists) await loadRuns();
    const id = view.run?.id ?? view.runs[0]?.id;
    if (id) await chooseRun(id);
    else drawRun();
  }, 100);
}

function listen() {
  const connection = document.getElementById("connection");
  const say = (text, live) => { connection.textContent = text; connection.className = live ? "live" : ""; };
  const source = new EventSource("/api/v1/events");
  source.onopen = () => { say("live", true); refreshSoon(true); };
  source.onerror = () => say("reconnecting", false);
  source.onmessage = (message) => {
    const event = JSON.parse(message.data);
    const ours = event.run_id === view.run?.id;
    if (event.type === "progress") {
      if (ours) view.progress.set(event.data.node, event.data.share);
      if (ours) document.querySelector("svg")?.replaceWith(graph());
    } else if (event.type === "run" || (ours && event.type === "step")) {
      refreshSoon(event.type === "run");
    }
  };
}

listen();
