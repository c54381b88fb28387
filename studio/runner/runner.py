"""The loop over all runs: claim, start what is ready while there is room, hear, cancel, close."""

from __future__ import annotations

import logging
import os
import time
import traceback
import uuid
from collections.abc import Callable, Iterator

from studio.database.engine import Database
from studio.database.runs import (
    RunRecord,
    StaleRunError,
    cancel_requests,
    claim_run,
    count_failure,
    end_leases,
    finish_run,
    renew_leases,
)
from studio.database.steps import abandon_steps
from studio.errors import ConflictError, Problem, StudioError, say
from studio.executors.base import Executor, StepExited, StepMessage
from studio.gpus import check_gpus, device_files
from studio.plan import named
from studio.reason import Reason
from studio.runner.active import ActiveRun, ReadyStep, RunningStep, clear_folders, launch_id
from studio.runner.confinement import check_paths
from studio.runner.losses import check_disk
from studio.runner.packages import PackageChecks
from studio.runner.spark import SparkKeeper
from studio.sandbox.keeper import SandboxKeeper
from studio.settings import Settings
from studio.store import Store

log = logging.getLogger("studio.runner")

Action = Callable[[ActiveRun], None]

MAX_RUNS = 8
_MAX_FAILURES = 3
_CLAIM_SECONDS = 0.1


class Runner:
    """One per data folder; everything happens in the thread that calls `turn`."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        executor: Executor,
        spark: SparkKeeper,
        sandbox: SandboxKeeper | None = None,
    ) -> None:
        self.owner = f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._settings = settings
        self._database = database
        self._store = Store(settings.store)
        self._executor = executor
        self._spark = spark
        self._sandbox = sandbox or SandboxKeeper(settings.home, settings.runs_in_weak_sandbox)
        self._packages = PackageChecks(settings, database)
        self._runs: dict[str, ActiveRun] = {}
        self._renew_at = 0.0
        self._claim_at = 0.0
        self._is_draining = False

    def recover(self) -> None:
        """Runs of an earlier runner on this folder are ours to go on with."""
        with self._database.begin() as connection:
            end_leases(connection)

    def turn(self, timeout: float = 0.1) -> None:
        """One turn of the loop, waiting up to `timeout` seconds when there is nothing to do."""
        self._claim()
        self._keep_leases()  # first: a run that shall end, or is no longer ours, starts no step
        for run in list(self._runs.values()):
            self._guard(run, self._advance)
        if any(run.ready or run.running for run in self._runs.values()):
            timeout = min(timeout, 0.05)
        for signal in self._executor.poll(timeout):
            self._dispatch(signal)
        for run in list(self._runs.values()):
            self._guard(run, self._end_steps)
            self._guard(run, self._close_if_over)
        if self.is_idle:
            self._spark.when_idle()

    @property
    def is_idle(self) -> bool:
        return not self._runs

    def drain(self, is_enough: Callable[[], bool]) -> None:
        """Let the steps that run go on, and start no other, for as long as the settings say."""
        self._is_draining = True
        deadline = time.monotonic() + self._settings.drain_seconds
        while time.monotonic() < deadline and not is_enough():
            if not any(run.running for run in self._runs.values()):
                return
            self.turn()

    def stop(self) -> None:
        """End every step and give the runs back, so that the next runner goes on with them."""
        self._executor.stop()
        self._spark.stop()
        with self._database.begin() as connection:
            end_leases(connection, self.owner)

    def _claim(self) -> None:
        now = time.monotonic()
        if self._is_draining or now < self._claim_at or len(self._runs) >= MAX_RUNS:
            return
        self._claim_at = now + _CLAIM_SECONDS
        with self._database.begin() as connection:
            record = claim_run(connection, self.owner, self._settings.lease_seconds)
        if record is not None:
            self._claim_at = now  # there may be another one
            self._take(record)

    def _take(self, record: RunRecord) -> None:
        try:
            run = ActiveRun(record, self._database, self._store, self._settings)
            self._runs[record.id] = run
            if record.cancel_requested:
                run.cancel(self._executor.terminate)
        except StaleRunError:
            self._release(record.id)
        except Exception as error:
            self._count_failure(record.id, error)

    def _advance(self, run: ActiveRun) -> None:
        run.advance()
        waits: dict[str, Reason] = {}
        for ready in list(run.ready):
            equal = self._find_equal(ready)
            if _waited_for_equal(ready) and equal != ready.waits_for and run.reuse(ready):
                continue
            if equal is not None:
                waits[ready.record.node_id] = equal
            elif time.monotonic() >= ready.not_before and self._has_room(ready):
                self._start(run, ready)
        run.hold(waits)

    def _find_equal(self, ready: ReadyStep) -> Reason | None:
        """Whether something runs, here or in another run, that gives what this step would give."""
        if not ready.may_reuse:
            return None
        for other in (step.ready for step in self._running()):
            if other.key == ready.key and other.record.run_id == ready.record.run_id:
                return Reason("waits_for_equal", named(other.bound.node))
            if other.key == ready.key:
                return Reason("waits_for_run", {"run": other.record.run_id})
        return None

    def _running(self) -> Iterator[RunningStep]:
        return (step for run in self._runs.values() for step in run.running.values())

    def _has_room(self, ready: ReadyStep) -> bool:
        """A step that asks for more than there is runs when nothing else does."""
        if self._is_draining:
            return False
        if len(self._free_gpus()) < ready.gpus <= len(self._settings.gpus):
            return False
        used = sum(step.ready.cpus for step in self._running())
        return used == 0 or used + ready.cpus <= self._settings.cpus

    def _free_gpus(self) -> tuple[int, ...]:
        used = {number for step in self._running() for number in step.gpus}
        return tuple(number for number in self._settings.gpus if number not in used)

    def _take_gpus(self, ready: ReadyStep) -> tuple[int, ...]:
        problem = check_gpus(ready.gpus, self._settings.gpus)
        if problem is not None:
            raise ConflictError(problem.message, hint=problem.hint, code=problem.code)
        gpus = self._free_gpus()[: ready.gpus]
        device_files(gpus)  # raises where one is not there
        return gpus

    def _start(self, run: ActiveRun, ready: ReadyStep) -> None:
        endpoint = None
        try:
            self._packages.check(ready.bound, run.record)
            secrets = self._packages.find_secrets(ready.bound)
        except StudioError as error:
            run.refuse(ready, error, "package")
            return
        try:
            gpus = self._take_gpus(ready)
        except StudioError as error:
            run.refuse(ready, error, "gpu")
            return
        if ready.needs_spark:
            try:
                endpoint = self._spark.endpoint()
            except StudioError as error:
                run.refuse(ready, error, "spark_lost")
                return
            if endpoint is None:
                return  # it is being started; the step waits
        elif run.needs_spark:
            self._spark.prepare()  # warm by the time it is needed
        try:
            check_disk(self._settings.work, self._settings.disk_reserve_bytes)
        except StudioError as error:
            run.refuse(ready, error, "disk_full")
            return
        if ready.bound.is_confined:
            try:
                check_paths(ready.paths.values(), self._settings)
                if not self._sandbox.may_run():
                    return  # its probes are running; the step waits
            except StudioError as error:
                run.refuse(ready, error, "no_sandbox")
                return
        self._executor.start(run.start(ready, endpoint, secrets, gpus))
        self._packages.record(ready.bound, run.record.id)

    def _dispatch(self, signal: StepMessage | StepExited) -> None:
        run_id, _, attempt = signal.id.partition("/")
        node = attempt.rpartition(".")[0]
        run = self._runs.get(run_id)
        running = run.running.get(node) if run is not None else None
        if run is None or running is None or launch_id(running.ready.record) != signal.id:
            if isinstance(signal, StepExited):  # of a run that we have let go of
                clear_folders(self._settings.work / signal.id)
            return
        if isinstance(signal, StepMessage):
            self._guard(run, lambda run: run.hear(node, signal))
            return
        if running.spark is not None and (signal.status != 0 or running.ends_because):
            self._spark.interrupt(running.spark)
        if signal.contacts:
            spec = running.ready.bound.spec
            self._packages.record_contacts(spec, run_id, node, signal.contacts)
        self._guard(run, lambda run: run.finish(node, signal))

    def _keep_leases(self) -> None:
        """Renew our leases, hear of cancelled runs, and drop runs that are no longer ours."""
        now = time.monotonic()
        if not self._runs or now < self._renew_at:
            return
        self._renew_at = now + 0.5
        with self._database.begin() as connection:
            ours = renew_leases(connection, self.owner, self._settings.lease_seconds)
            cancelled = cancel_requests(connection, self.owner)
        for id in list(self._runs):
            if id not in ours:
                self._drop(id)
            elif id in cancelled:
                self._guard(self._runs[id], lambda run: run.cancel(self._executor.terminate))

    def _end_steps(self, run: ActiveRun) -> None:
        """End what is late or waits for a Spark that is gone; kill what will not end."""
        now = time.monotonic()
        for node, step in run.running.items():
            if now > step.deadline:
                run.end(node, "timeout", self._executor.terminate)
            if step.spark is not None and not self._spark.serves(step.spark):
                run.end(node, "spark_lost", self._executor.terminate)
            if step.kill_at is not None and now > step.kill_at:
                step.kill_at = None
                self._executor.kill(launch_id(step.ready.record))

    def _close_if_over(self, run: ActiveRun) -> None:
        if run.is_over:
            with self._database.begin() as connection:
                finish_run(connection, run.record.id, run.final_state, self.owner, run.problems)
            self._runs.pop(run.record.id, None)

    def _drop(self, id: str) -> None:
        """End what we run of this run, and forget it."""
        run = self._runs.pop(id, None)
        for step in run.running.values() if run is not None else ():
            self._executor.kill(launch_id(step.ready.record))

    def _release(self, id: str) -> None:
        """Begin anew with a run, if it is still ours."""
        self._drop(id)
        with self._database.begin() as connection:
            end_leases(connection, self.owner, id)

    def _guard(self, run: ActiveRun, action: Action) -> None:
        """An error of ours in one run must not stop the others."""
        if run.record.id not in self._runs:
            return
        try:
            action(run)
        except StaleRunError:
            self._release(run.record.id)
        except Exception as error:
            self._drop(run.record.id)
            self._count_failure(run.record.id, error)

    def _count_failure(self, id: str, error: Exception) -> None:
        """The run is claimed again and goes on; when it fails us thrice, it is set aside."""
        log.exception("the runner failed on run %s", id)
        problem = Problem(
            "runner.error",
            say(
                "The runner failed on this run: {name}: {error}",
                name=type(error).__name__,
                error=error,
            ),
            hint="This is a fault of the studio; the traceback is in the runner's log.",
        )
        trace = "".join(traceback.format_exception(error))[-4000:]
        with self._database.begin() as connection:
            if count_failure(connection, id) >= _MAX_FAILURES:
                problems = [{**problem.to_json(), "traceback": trace}]
                abandon_steps(connection, id, Reason("quarantined"))
                finish_run(connection, id, "quarantined", self.owner, problems)
            else:
                end_leases(connection, self.owner, id)


def _waited_for_equal(ready: ReadyStep) -> bool:
    waits = ready.waits_for
    return waits is not None and waits.code in ("waits_for_equal", "waits_for_run")
