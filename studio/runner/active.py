"""One run in the hands of the runner: what is ready, what can be reused, what became of a step."""

from __future__ import annotations

import json
import shutil
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from studio.database.artifacts import find_artifacts, put_result
from studio.database.engine import Database
from studio.database.events import add_event
from studio.database.history import measure_step, read_history, read_successes, remember_steps
from studio.database.runs import RunRecord
from studio.database.steps import (
    Closing,
    StepRecord,
    close_steps,
    finish_attempt,
    queue_step,
    start_attempt,
)
from studio.errors import StudioError
from studio.executors.base import StepExited, StepLaunch, StepMessage
from studio.gpus import VISIBLE, device_files
from studio.graph import BoundNode, thaw
from studio.inputs import ResolvedPath, path_resolver, place_artifact
from studio.known import Candidate, Known, broken_candidate
from studio.plan import Decided, PastStep, always_runs
from studio.reason import Reason
from studio.run import RunState
from studio.runner.book import StepBook, component_of
from studio.runner.confinement import confine
from studio.runner.endings import describe_loss, is_disk_full, place, place_told
from studio.runner.losses import Loss, count_oom_kills, delay_before, find_loss, retries_after
from studio.runner.outputs import Output, keep_outputs, record_outputs
from studio.secrets import STEP_FILE, write_private
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

# So many waves of reused nodes, one after another, that the rest is looked up at once.
_LONG_CHAIN = 8


@dataclass
class ReadyStep:
    """A step whose inputs are there and whose key is known, so that it can be run or reused."""

    record: StepRecord
    bound: BoundNode
    paths: Mapping[str, ResolvedPath]
    key: str
    key_parts: Mapping[str, Any]
    reason: Reason
    may_reuse: bool
    waits_for: Reason | None = None  # what others do or have; told to those who look
    not_before: float = 0.0  # on the monotonic clock; later than now after a loss

    @property
    def needs_spark(self) -> bool:
        """Whether it needs the studio's Spark: code that is not ours gets one of its own."""
        return self.bound.engine == "spark" and not self.bound.is_confined

    @property
    def cpus(self) -> int:
        return self.bound.node.resources.cpu

    @property
    def gpus(self) -> int:
        return self.bound.node.resources.gpu


@dataclass
class RunningStep:
    ready: ReadyStep
    folder: Path
    spark: SparkSession | None
    started: float
    deadline: float
    ends_because: Loss | None = None
    kill_at: float | None = None
    gpus: tuple[int, ...] = ()
    oom_kills: int = field(default_factory=count_oom_kills)


@dataclass
class ActiveRun:
    """All that the runner knows of a run; every change is in the database before it is here."""

    record: RunRecord
    database: Database
    store: Store
    settings: Settings
    book: StepBook = field(init=False)
    history: dict[str, PastStep] = field(init=False)
    succeeded: dict[str, PastStep] = field(default_factory=dict)
    ready: list[ReadyStep] = field(default_factory=list)
    running: dict[str, RunningStep] = field(default_factory=dict)
    is_cancelling: bool = False

    def __post_init__(self) -> None:
        self.book = StepBook(self.record, self.database)
        with self.database.read() as connection:
            self.history = read_history(connection, self.record.compared_with)
            if self.record.resumed_from is not None:
                self.succeeded = read_successes(connection, self.record.resumed_from)

    @property
    def steps(self) -> dict[str, StepRecord]:
        return self.book.steps

    @property
    def is_over(self) -> bool:
        return self.book.schedule.is_done and not self.running

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
        nodes = self.book.take_ready()
        if not nodes:
            return
        known, closings, waves = self._known(), list[Closing](), 0
        while nodes:
            waves += 1
            if waves == _LONG_CHAIN:
                known.look_up_history(self.book.waiting())
            candidates = [self._candidate(known, node) for node in nodes]
            known.look_up(candidates)
            for candidate in candidates:
                closings += self._settle(candidate, known)
            nodes = self.book.take_ready()
        self.book.write(closings)

    def _known(self) -> Known:
        folders = [Path(self.record.folder)] if self.record.folder else []
        resolver = path_resolver(self.settings, folders, self.database, self.store)
        return Known(
            self.database, self.store, resolver, self.history, self.succeeded, self.record.fresh
        )

    def _candidate(self, known: Known, node: str) -> Candidate:
        bound = thaw(self.steps[node].bound)
        try:
            inputs = self.book.input_digests(node)
        except StudioError as error:
            return broken_candidate(bound, error)
        return known.candidate(bound, inputs)

    def _settle(self, candidate: Candidate, known: Known) -> list[Closing]:
        """Reuse a result, or have the step wait for its turn; gives what is closed by this."""
        step, bound = self.steps[candidate.bound.node.id], candidate.bound
        decided = known.decide(candidate, self.book.ran_above(step.node_id))
        if decided.decision == "reuse":
            return self.book.follow(_reusing(step, candidate, decided))
        if candidate.error is not None:
            problems = place(candidate.error, bound)
            return self.book.follow(
                Closing(step, "failed", problems=problems, reason=Reason("input"))
            )
        assert candidate.key is not None
        self.ready.append(
            ReadyStep(
                step,
                bound,
                candidate.paths,
                candidate.key,
                candidate.parts,
                decided.reason,
                may_reuse=always_runs(bound, self.record.fresh) is None,
            )
        )
        return []

    def reuse(self, ready: ReadyStep) -> bool:
        """Whether what an equal step has just made is there, and used for this one."""
        node = ready.record.node_id
        known = self._known()
        candidate = self._candidate(known, node)
        known.look_up([candidate])
        decided = known.decide(candidate, self.book.ran_above(node))
        if decided.decision != "reuse":
            return False
        if ready.waits_for is not None and ready.waits_for.code == "waits_for_equal":
            decided = replace(decided, reason=Reason("equal_node", ready.waits_for.arguments))
        self.ready.remove(ready)
        self.book.write(self.book.follow(_reusing(ready.record, candidate, decided)))
        return True

    def hold(self, waits: Mapping[str, Reason]) -> None:
        """Tell of ready steps that others hold up: node -> what it waits for."""
        news = [
            item
            for item in self.ready
            if item.waits_for != waits.get(item.record.node_id, item.waits_for)
        ]
        if not news:
            return
        with self.book.begin() as connection:
            for item in news:
                item.waits_for = waits[item.record.node_id]
                item.record = queue_step(connection, item.record, item.waits_for)
                self.steps[item.record.node_id] = item.record

    def start(
        self,
        ready: ReadyStep,
        spark: SparkEndpoint | None,
        secrets: Mapping[str, str],
        gpus: tuple[int, ...] = (),
    ) -> StepLaunch:
        """Begin an attempt: its folder and its order are written, the executor does the rest.

        gpus: the numbers of those that it is given. Raises UnavailableError when one is not there.
        """
        devices = device_files(gpus)
        with self.book.begin() as connection:
            step = start_attempt(connection, ready.record, ready.key, ready.key_parts, ready.reason)
        ready.record = self.steps[step.node_id] = step
        folder = self.settings.work / launch_id(step)
        folder.mkdir(parents=True, mode=0o700)
        session = _new_session(spark) if ready.needs_spark and spark else None
        order = self._order(ready, folder, session)
        write_document(folder, ORDER_FILE, order)
        if secrets:
            write_private(folder / STEP_FILE, json.dumps(dict(secrets)))
        limit = ready.bound.node.timeout or self.settings.step_timeout_seconds
        now = time.monotonic()
        running = RunningStep(ready, folder, session, now, now + limit, gpus=gpus)
        self.running[step.node_id] = running
        self.ready.remove(ready)
        environment = {SPARK_TOKEN_VARIABLE: spark.token} if session and spark else {}
        confinement = None
        if ready.bound.is_confined:
            confinement = confine(order, ready.paths.values(), devices, self.settings)
        elif gpus:
            environment[VISIBLE] = ",".join(map(str, gpus))
        return StepLaunch(
            launch_id(step),
            folder,
            self.settings.step_log(self.record.id, step.node_id, step.attempt),
            environment,
            order.memory,
            confinement,
        )

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
            exports=None if ready.bound.is_confined else str(self.settings.exports),
            spark=session,
            kept=None if ready.bound.spec.is_confined else str(self.settings.kept / ready.key),
            lent=ready.bound.lent,
        )

    def _place_inputs(self, step: StepRecord, folder: Path) -> dict[str, list[InputArtifact]]:
        digests = self.book.input_digests(step.node_id)
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
            and not thaw(step.bound).is_confined
            for step in self.steps.values()
        )

    def refuse(self, ready: ReadyStep, error: StudioError, reason: str) -> None:
        """Close a step that cannot be started."""
        self.ready.remove(ready)
        problems = place(error, ready.bound)
        closing = Closing(ready.record, "failed", problems=problems, reason=Reason(reason))
        self.book.write(self.book.follow(closing))

    def hear(self, node: str, message: StepMessage) -> None:
        """Pass on what a step reports, as an event; what is not known is dropped."""
        type_ = message.content.get("type")
        if type_ in ("progress", "metrics"):
            data = {key: value for key, value in message.content.items() if key != "type"}
            with self.book.begin() as connection:
                add_event(connection, self.record.id, str(type_), node=node, **data)

    def finish(self, node: str, exited: StepExited) -> None:
        """A step has ended: keep its outputs, or say why there are none."""
        running = self.running.pop(node)
        try:
            self._take_in(running, exited)
        except StudioError as error:
            self._fail(running, exited, "output", place(error, running.ready.bound))
        finally:
            clear_folders(running.folder)

    def _take_in(self, running: RunningStep, exited: StepExited) -> None:
        result = read_result(running.folder) if exited.status == 0 else None
        loss = find_loss(running.ends_because, result is not None, exited, running.oom_kills)
        if loss is not None or result is None:
            self._lose(running, exited, loss or "crashed")
        elif result.state == "failed":
            problems = place_told(result.problems, running.ready.bound)
            self._fail(running, exited, "component", problems)
        else:
            self._keep(running, exited, result)

    def _keep(self, running: RunningStep, exited: StepExited, result: StepResult) -> None:
        """Put the outputs into the store, and then record them and the step in one transaction."""
        bound = running.ready.bound
        try:
            outputs = keep_outputs(bound.spec, result, running.folder, self.store)
        except (StudioError, OSError) as error:
            reason = "disk_full" if is_disk_full(error) else "output"
            self._fail(running, exited, reason, place(error, bound))
            return
        self.book.follow(self._record(running, exited, outputs))
        shutil.rmtree(self.settings.kept / running.ready.key, ignore_errors=True)

    def _record(self, running: RunningStep, exited: StepExited, outputs: list[Output]) -> Closing:
        ready, step, names = running.ready, running.ready.record, self.record.history
        component = component_of(step)
        seconds = time.monotonic() - running.started
        with self.book.begin() as connection:
            recorded = record_outputs(connection, outputs, self.store)
            put_result(connection, ready.key, recorded, step.run_id, step.node_id)
            finish_attempt(connection, step, "succeeded", None, exited.peak_memory)
            closing = Closing(step, "succeeded", recorded)
            close_steps(connection, [closing])
            remember_steps(connection, names, step.run_id, {step.node_id: component})
            measure_step(connection, names, step.node_id, component, seconds, exited.peak_memory)
        return closing

    def _lose(self, running: RunningStep, exited: StepExited, loss: Loss) -> None:
        """A step that ended without a result is tried again where that may help."""
        step, node = running.ready.record, running.ready.bound.node
        problems = describe_loss(running.ready.bound, loss, exited)
        if step.attempt > retries_after(loss, node.retries):
            self._fail(running, exited, loss, problems)
            return
        with self.book.begin() as connection:
            finish_attempt(connection, step, "lost", loss, exited.peak_memory)
            running.ready.record = queue_step(connection, step, Reason(loss))
            add_event(
                connection, step.run_id, "retry", node=step.node_id, reason=loss, problems=problems
            )
        self.steps[step.node_id] = running.ready.record
        running.ready.not_before = time.monotonic() + delay_before(step.attempt + 1)
        self.ready.append(running.ready)

    def _fail(
        self, running: RunningStep, exited: StepExited, reason: str, problems: list[dict[str, Any]]
    ) -> None:
        """Close a step, and with it the attempt, for good."""
        step = running.ready.record
        ended: Literal["cancelled", "failed"] = "cancelled" if reason == "cancelled" else "failed"
        closing = Closing(step, ended, problems=problems, reason=Reason(reason))
        closings = self.book.follow(closing)
        with self.book.begin() as connection:
            finish_attempt(connection, step, ended, reason, exited.peak_memory)
            self.book.close(connection, closings)

    def cancel(self, terminate: Callable[[str], None]) -> None:
        """End what runs; what has not begun is cancelled at once."""
        if self.is_cancelling:
            return
        self.is_cancelling = True
        self.ready.clear()
        self.book.cancel([node for node in self.book.waiting() if node not in self.running])
        for node in self.running:
            self.end(node, "cancelled", terminate)
        self.book.wait_only_for(list(self.running))

    def end(self, node: str, reason: Loss, terminate: Callable[[str], None]) -> None:
        """Ask a running step to end; `kill_at` is when it no longer is asked."""
        running = self.running[node]
        if running.ends_because is None:
            running.ends_because = reason
            running.kill_at = time.monotonic() + self.settings.cancel_grace_seconds
            terminate(launch_id(running.ready.record))


def launch_id(step: StepRecord) -> str:
    """The name of an attempt for the executor: its folder below `work`."""
    return f"{step.run_id}/{step.node_id}.{step.attempt}"


def clear_folders(folder: Path) -> None:
    """Remove all that lies there for an attempt."""
    for path in (folder, _inputs(folder)):
        shutil.rmtree(path, ignore_errors=True)


def _reusing(step: StepRecord, candidate: Candidate, decided: Decided) -> Closing:
    """A result that is kept whatever changed has the key that it was made with."""
    kept = decided.kept
    return Closing(
        step,
        "reused",
        outputs=decided.outputs or {},
        reason=decided.reason,
        key=candidate.key if kept is None else kept.key,
        key_parts=candidate.parts if kept is None else kept.parts,
    )


def _inputs(folder: Path) -> Path:
    """Where the inputs of an attempt lie that are not in the store: beside what it may write."""
    return folder.with_name(f"{folder.name}.inputs")


def _new_session(spark: SparkEndpoint) -> SparkSession:
    """Ids of our choice, one pair an attempt: with them the runner can interrupt the session."""
    return SparkSession(
        remote=spark.remote, session_id=str(uuid.uuid4()), user_id=f"step-{uuid.uuid4().hex}"
    )
