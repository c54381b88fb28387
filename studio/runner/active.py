"""One run in the hands of the runner: what is ready, what can be reused, what became of a step."""

from __future__ import annotations

import shutil
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import networkx as nx

from studio.database.artifacts import find_artifacts, get_result, put_result
from studio.database.engine import Database
from studio.database.events import add_event
from studio.database.runs import RunRecord
from studio.database.steps import (
    StepRecord,
    finish_attempt,
    finish_step,
    list_steps,
    reopen_steps,
    start_attempt,
)
from studio.errors import ComponentError, StudioError
from studio.executors.base import StepExited, StepLaunch, StepMessage
from studio.graph import BoundNode, thaw
from studio.plan import path_parameters, step_key, step_key_parts
from studio.run import Outcome, RunState, Schedule, StepState
from studio.runner.confinement import confine
from studio.runner.endings import describe_loss, is_disk_full, place, place_told
from studio.runner.inputs import ResolvedPath, is_present, place_artifact, resolve_paths
from studio.runner.losses import Loss, count_oom_kills, delay_before, find_loss, retries_after
from studio.runner.outputs import keep_outputs, record_outputs
from studio.settings import Settings
from studio.spark.server import SparkEndpoint
from studio.step import (
    ORDER_FILE,
    SPARK_TOKEN_VARIABLE,
    InputArtifact,
    SparkSession,
    StepOrder,
    StepResult,
    read_result,
    write_document,
)
from studio.store import Store


@dataclass
class ReadyStep:
    """A step whose inputs are there and whose key is known, so that it can be run or reused."""

    record: StepRecord
    bound: BoundNode
    paths: dict[str, ResolvedPath]
    key: str
    key_parts: dict[str, Any]
    not_before: float = 0.0  # on the monotonic clock; later than now after a loss

    @property
    def needs_spark(self) -> bool:
        """Whether it needs the studio's Spark: code that is not ours gets one of its own."""
        return self.bound.engine == "spark" and not self.bound.spec.is_confined

    @property
    def cpus(self) -> int:
        return self.bound.node.resources.cpu


@dataclass
class RunningStep:
    ready: ReadyStep
    folder: Path
    spark: SparkSession | None
    deadline: float
    ends_because: Loss | None = None
    kill_at: float | None = None
    oom_kills: int = field(default_factory=count_oom_kills)


@dataclass
class ActiveRun:
    """All that the runner knows of a run; every change is in the database before it is here."""

    record: RunRecord
    database: Database
    store: Store
    settings: Settings
    steps: dict[str, StepRecord] = field(init=False)
    schedule: Schedule = field(init=False)
    ready: list[ReadyStep] = field(default_factory=list)
    running: dict[str, RunningStep] = field(default_factory=dict)
    is_cancelling: bool = False

    def __post_init__(self) -> None:
        with self.database.begin() as connection:
            reopen_steps(connection, self.record.id)
            self.steps = {step.node_id: step for step in list_steps(connection, self.record.id)}
        self.schedule = Schedule(_digraph(self.steps))
        self._replay()

    def _replay(self) -> None:
        """Tell the schedule what was already over when this runner took the run."""
        order = list(nx.topological_sort(_digraph(self.steps)))
        for node in order:
            match self.steps[node].state:
                case "succeeded" | "reused":
                    self.schedule.succeed(node)
                case "failed" | "cancelled":
                    self.schedule.fail(node)

    @property
    def is_over(self) -> bool:
        return self.schedule.is_done and not self.running

    @property
    def final_state(self) -> RunState:
        states = {step.state for step in self.steps.values()}
        if self.is_cancelling and "cancelled" in states:
            return "cancelled"
        return "failed" if "failed" in states else "succeeded"

    @property
    def problems(self) -> list[dict[str, Any]]:
        return [problem for step in self.steps.values() for problem in step.problems]

    def advance(self) -> None:
        """Look at every node that became ready; what has a known result is reused at once."""
        waiting = self.schedule.take_ready()
        while waiting:
            for node in waiting:
                if self.steps[node].state in ("waiting", "queued"):
                    self._consider(node)
            waiting = self.schedule.take_ready()

    def _consider(self, node: str) -> None:
        step = self.steps[node]
        bound = thaw(step.bound)
        try:
            ready = self._prepare(step, bound)
        except StudioError as error:
            self._close(step, "failed", problems=place(error, bound), reason="input")
            return
        outputs = None if self._must_run(bound) else self._known_outputs(ready)
        if outputs is None:
            self.ready.append(ready)
        else:
            reason = "equal code, parameters and inputs: the earlier result is used"
            self._close(
                step,
                "reused",
                outputs=outputs,
                reason=reason,
                key=ready.key,
                key_parts=ready.key_parts,
            )

    def _must_run(self, bound: BoundNode) -> bool:
        return bound.spec.volatile or bound.node.cache == "never"

    def _prepare(self, step: StepRecord, bound: BoundNode) -> ReadyStep:
        folders = [Path(self.record.folder)] if self.record.folder else []
        folders += self.settings.input_folders
        paths = resolve_paths(path_parameters(bound), folders, self.database, self.store)
        digests = {name: item.digest for name, item in paths.items()}
        parts = step_key_parts(bound, self._input_digests(step), digests)
        return ReadyStep(step, bound, paths, step_key(parts), parts)

    def _input_digests(self, step: StepRecord) -> dict[str, list[str]]:
        return {
            port: [self._output_digest(node, name) for node, name in sources]
            for port, sources in step.bound["sources"].items()
        }

    def _output_digest(self, node: str, name: str) -> str:
        output = self.steps[node].outputs.get(name)
        if output is None:
            raise ComponentError(
                f"{thaw(self.steps[node].bound).node.label} gave nothing on its port {name!r}.",
                hint="Have it return a table for that port, or connect another one.",
                code="input.missing",
            )
        return str(output["digest"])

    def _known_outputs(self, ready: ReadyStep) -> dict[str, Any] | None:
        """The result of an equal step, when all of it is still there."""
        with self.database.read() as connection:
            outputs = get_result(connection, ready.key)
            if outputs is None:
                return None
            digests = [output["digest"] for output in outputs.values()]
            found = find_artifacts(connection, digests)
        present = all(is_present(found.get(digest), self.store) for digest in digests)
        return outputs if present else None

    def start(self, ready: ReadyStep, spark: SparkEndpoint | None) -> StepLaunch:
        """Begin an attempt: its folder and its order are written, the executor does the rest."""
        with self.database.begin() as connection:
            number = start_attempt(
                connection, ready.record, ready.key, ready.key_parts, self._why(ready)
            )
        step = replace(ready.record, attempt=number, state="running", key=ready.key)
        ready.record = self.steps[step.node_id] = step
        folder = self.settings.work / self.record.id / f"{step.node_id}.{number}"
        folder.mkdir(parents=True, mode=0o700)
        session = _new_session(spark) if ready.needs_spark and spark else None
        order = self._order(ready, folder, session)
        write_document(folder, ORDER_FILE, order)
        limit = ready.bound.node.timeout or self.settings.step_timeout_seconds
        running = RunningStep(ready, folder, session, time.monotonic() + limit)
        self.running[step.node_id] = running
        self.ready.remove(ready)
        environment = {SPARK_TOKEN_VARIABLE: spark.token} if session and spark else {}
        return StepLaunch(
            f"{self.record.id}/{step.node_id}",
            folder,
            self.settings.step_log(self.record.id, step.node_id, number),
            environment,
            order.memory,
            confine(order, ready.paths.values(), self.settings) if order.spec.is_confined else None,
        )

    def _why(self, ready: ReadyStep) -> str:
        if self._must_run(ready.bound):
            return "this node is always run"
        return "no earlier result has equal code, parameters and inputs"

    def _order(self, ready: ReadyStep, folder: Path, session: SparkSession | None) -> StepOrder:
        paths = {name: str(item.path) for name, item in ready.paths.items()}
        resources = ready.bound.node.resources
        return StepOrder(
            run_id=self.record.id,
            node_id=ready.record.node_id,
            attempt=ready.record.attempt,
            spec=ready.bound.spec,
            parameters={**ready.bound.parameters, **paths},
            engine=ready.bound.engine,
            inputs=self._place_inputs(ready.record, folder),
            threads=resources.cpu,
            memory=resources.memory,
            spark=session,
        )

    def _place_inputs(self, step: StepRecord, folder: Path) -> dict[str, list[InputArtifact]]:
        digests = self._input_digests(step)
        with self.database.read() as connection:
            found = find_artifacts(connection, [d for ds in digests.values() for d in ds])
        return {
            port: [
                InputArtifact(
                    kind=found[digest].kind,
                    digest=digest,
                    folder=str(place_artifact(found[digest], _inputs(folder) / digest, self.store)),
                )
                for digest in items
            ]
            for port, items in digests.items()
        }

    @property
    def needs_spark(self) -> bool:
        """Whether a step that is not over wants Spark."""
        return any(
            step.bound["engine"] == "spark"
            and step.state in ("waiting", "queued")
            and not thaw(step.bound).spec.is_confined
            for step in self.steps.values()
        )

    def refuse(self, ready: ReadyStep, error: StudioError, reason: str) -> None:
        """Close a step that cannot be started."""
        self.ready.remove(ready)
        self._close(ready.record, "failed", problems=place(error, ready.bound), reason=reason)

    def hear(self, node: str, message: StepMessage) -> None:
        """Pass on what a step reports, as an event; what is not known is dropped."""
        type_ = message.content.get("type")
        if type_ in ("progress", "metrics"):
            data = {key: value for key, value in message.content.items() if key != "type"}
            with self.database.begin() as connection:
                add_event(connection, self.record.id, str(type_), node=node, **data)

    def finish(self, node: str, exited: StepExited) -> None:
        """A step has ended: keep its outputs, or say why there are none."""
        running = self.running.pop(node)
        bound = running.ready.bound
        try:
            result = read_result(running.folder) if exited.status == 0 else None
            loss = find_loss(running.ends_because, result is not None, exited, running.oom_kills)
            if loss is not None or result is None:
                self._lose(running, exited, loss or "crashed")
            elif result.state == "failed":
                self._fail(running, exited, "component", place_told(result.problems, bound))
            else:
                self._keep(running, exited, result)
        except StudioError as error:
            self._fail(running, exited, "output", place(error, bound))
        for folder in (running.folder, _inputs(running.folder)):
            shutil.rmtree(folder, ignore_errors=True)

    def _keep(self, running: RunningStep, exited: StepExited, result: StepResult) -> None:
        """Put the outputs into the store, and then record them and the step in one transaction."""
        step, bound = running.ready.record, running.ready.bound
        try:
            outputs = keep_outputs(bound.spec, result, running.folder, self.store)
        except (StudioError, OSError) as error:
            reason = "disk_full" if is_disk_full(error) else "output"
            self._fail(running, exited, reason, place(error, bound))
            return
        with self.database.begin() as connection:
            recorded = record_outputs(connection, outputs)
            put_result(connection, running.ready.key, recorded, step.run_id, step.node_id)
            finish_attempt(connection, step, "succeeded", None, exited.peak_memory)
            finish_step(connection, step, "succeeded", outputs=recorded)
        self.steps[step.node_id] = replace(step, state="succeeded", outputs=recorded)
        self.schedule.succeed(step.node_id)

    def _lose(self, running: RunningStep, exited: StepExited, loss: Loss) -> None:
        """A step that ended without a result is tried again where that may help."""
        step, node = running.ready.record, running.ready.bound.node
        problems = describe_loss(running.ready.bound, loss, exited)
        if step.attempt > retries_after(loss, node.retries):
            self._fail(running, exited, loss, problems)
            return
        with self.database.begin() as connection:
            finish_attempt(connection, step, "lost", loss, exited.peak_memory)
            add_event(
                connection, step.run_id, "retry", node=step.node_id, reason=loss, problems=problems
            )
        running.ready.not_before = time.monotonic() + delay_before(step.attempt + 1)
        self.ready.append(running.ready)

    def _fail(
        self, running: RunningStep, exited: StepExited, reason: str, problems: list[dict[str, Any]]
    ) -> None:
        """Close a step, and with it the attempt, for good."""
        cancelled = reason == "cancelled"
        outcome: Outcome = "cancelled" if cancelled else "failed"
        with self.database.begin() as connection:
            finish_attempt(connection, running.ready.record, outcome, reason, exited.peak_memory)
        state: StepState = "cancelled" if cancelled else "failed"
        self._close(running.ready.record, state, problems=problems, reason=reason)

    def cancel(self, terminate: Callable[[str], None]) -> None:
        """End what runs; what has not begun is cancelled at once."""
        if self.is_cancelling:
            return
        self.is_cancelling = True
        self.ready.clear()
        for node, step in self.steps.items():
            if step.state in ("waiting", "queued") and node not in self.running:
                self._set(step, "cancelled", reason="cancelled")
        for node in self.running:
            self.end(node, "cancelled", terminate)
        self.schedule = Schedule(_digraph({node: self.steps[node] for node in self.running}))
        self.schedule.take_ready()

    def end(self, node: str, reason: Loss, terminate: Callable[[str], None]) -> None:
        """Ask a running step to end; `kill_at` is when it no longer is asked."""
        running = self.running[node]
        if running.ends_because is None:
            running.ends_because = reason
            running.kill_at = time.monotonic() + self.settings.cancel_grace_seconds
            terminate(f"{self.record.id}/{node}")

    def _close(self, step: StepRecord, state: StepState, **values: Any) -> None:
        """Record how a step ended, and what follows from it for the others."""
        self._set(step, state, **values)
        if state in ("succeeded", "reused"):
            self.schedule.succeed(step.node_id)
            return
        for skipped in self.schedule.fail(step.node_id):
            if self.steps[skipped].state == "waiting":
                reason = f"{thaw(step.bound).node.label} {state}"
                self._set(self.steps[skipped], "skipped", reason=reason)

    def _set(self, step: StepRecord, state: StepState, **values: Any) -> None:
        with self.database.begin() as connection:
            finish_step(connection, step, state, **values)
        known = {name: values[name] for name in ("outputs", "problems") if name in values}
        self.steps[step.node_id] = replace(step, state=state, **known)


def _digraph(steps: dict[str, StepRecord]) -> nx.DiGraph[str]:
    digraph: nx.DiGraph[str] = nx.DiGraph()
    digraph.add_nodes_from(steps)
    for node, step in steps.items():
        for sources in step.bound["sources"].values():
            digraph.add_edges_from((source, node) for source, _ in sources if source in steps)
    return digraph


def _inputs(folder: Path) -> Path:
    """Where the inputs of an attempt lie that are not in the store: beside what it may write."""
    return folder.with_name(f"{folder.name}.inputs")


def _new_session(spark: SparkEndpoint) -> SparkSession:
    """Ids of our choice, one pair an attempt: with them the runner can interrupt the session."""
    return SparkSession(
        remote=spark.remote, session_id=str(uuid.uuid4()), user_id=f"step-{uuid.uuid4().hex}"
    )
