"""What the command line prints: live states of nodes, the evaluation, errors with the way out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from studio.errors import Problem

Json = dict[str, Any]
Print = Callable[[str], None]

_MARKS = {
    "running": "▶",
    "succeeded": "✓",
    "reused": "↺",
    "failed": "✗",
    "skipped": "·",
    "cancelled": "■",
}
_PLAN_MARKS = {"execute": "▶", "reuse": "↺", "skip": "·"}
# The numbers of an evaluation that are shown first, in this order.
_SHOWN = (
    "rows",
    "positives",
    "base_rate",
    "auc",
    "gini",
    "logloss",
    "base_rate_logloss",
    "normalised_entropy",
    "pr_auc",
    "ks",
    "calibration",
)


@dataclass
class LivePrinter:
    """Prints a line for each change of a step, as the events of a run come in."""

    echo: Print
    labels: dict[str, str]
    started: dict[str, float] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)

    def show(self, event: Json) -> None:
        data = event["data"]
        node = data.get("node", "")
        label = self.labels.get(node, node)
        if event["type"] == "step":
            self._show_step(node, label, data, event["created_at"])
        elif event["type"] == "progress":
            self._show_progress(node, label, data)
        elif event["type"] == "run":
            self.echo(f"run {data['state']}")

    def _show_progress(self, node: str, label: str, data: Json) -> None:
        """One line for each thing said, however often it is repeated."""
        if data.get("message") and self.said.get(node) != data["message"]:
            self.said[node] = data["message"]
            self.echo(f"    {label:<24} {data['share']:4.0%}  {data['message']}")

    def _show_step(self, node: str, label: str, data: Json, at: float) -> None:
        state = data["state"]
        took = ""
        if state == "running":
            self.started[node] = at
        elif node in self.started:
            took = f"{at - self.started.pop(node):6.2f} s"
        self.echo(f"  {_MARKS.get(state, ' ')} {label:<24} {state:<10}{took}")
        for problem in data.get("problems", []):
            for line in problem_lines(problem):
                self.echo(f"      {line}")


def plan_lines(plan: Json, labels: dict[str, str]) -> list[str]:
    """A plan as a table: what happens to each node, why, and how long it is expected to take."""
    lines = []
    for item in plan["nodes"]:
        seconds = item["expected_seconds"]
        took = "" if seconds is None else f"{seconds:8.2f} s"
        mark, label = _PLAN_MARKS[item["decision"]], labels.get(item["node"], item["node"])
        words = f"{item['decision']:<8}{took:<11}{item['reason']['message']}"
        lines.append(f"  {mark} {label:<24} {words}")
    total = plan["expected_seconds"]
    counts = Counter(item["decision"] for item in plan["nodes"])
    told = ", ".join(f"{counts[name]} to {name}" for name in _PLAN_MARKS if counts[name])
    lines.append(told if not total else f"{told}; about {total:.2f} s")
    return lines if plan["nodes"] else []


def problem_lines(problem: Json | Problem) -> list[str]:
    """A problem in words: where, what, and the way out."""
    item = problem.to_json() if isinstance(problem, Problem) else problem
    where = item.get("node_name") or item.get("node")
    line = f"line {item['line']}, column {item.get('column')}" if item.get("line") else None
    place = [str(part) for part in (where, item.get("port"), item.get("field"), line) if part]
    lines = [f"{' / '.join(place)}: {item['message']}" if place else item["message"]]
    if item.get("hint"):
        lines.append(f"→ {item['hint']}")
    return lines


def find_metrics(steps: Iterable[Json]) -> Json:
    """The numbers of the last evaluation report of a run; empty when there is none."""
    return next((document["metrics"] for document in _reports(steps)), {})


def evaluation_lines(steps: Iterable[Json]) -> list[str]:
    """The evaluation reports of a run as a table, one column a model."""
    models = [model for document in _reports(steps) for model in document["models"]]
    if not models:
        return []
    names = [model["name"] for model in models]
    width = max(12, *(len(name) + 2 for name in names))
    lines = ["", f"{'':<22}" + "".join(f"{name:>{width}}" for name in names)]
    for metric in _SHOWN:
        values = [model["metrics"].get(metric) for model in models]
        if any(value is not None for value in values):
            lines.append(f"{metric:<22}" + "".join(f"{_number(v):>{width}}" for v in values))
    return lines


def _reports(steps: Iterable[Json]) -> list[Json]:
    """Evaluation documents, the last step's first."""
    outputs = [output for step in steps for output in step["outputs"].values()]
    reports = [output["summary"] for output in outputs if output["kind"] == "report"]
    return [report for report in reversed(reports) if "models" in report]


def _number(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.5f}"
    return "-" if value is None else f"{value:,}"


def run_as_json(run: Json, steps: Iterable[Json]) -> Json:
    """What `studio run --json` prints last."""
    items = list(steps)
    return {
        "run_id": run["id"],
        "state": run["state"],
        "steps": {
            step["node_id"]: {
                "state": step["state"],
                "duration": _duration(step),
                "key": step["key"],
                "problems": step["problems"],
            }
            for step in items
        },
        "metrics": find_metrics(items),
    }


def _duration(step: Json) -> float | None:
    """Seconds; None when the step was not run."""
    if step["started_at"] is None or step["finished_at"] is None:
        return None
    return round(float(step["finished_at"] - step["started_at"]), 3)
