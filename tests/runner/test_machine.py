"""The runner as a state machine: whatever happens, in whatever order, the ledger is in order."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from studio.database.artifacts import find_places, find_results
from studio.database.pipelines import create_pipeline
from studio.database.runs import RunOrder, RunRecord, list_runs, pin_run, request_cancel
from studio.database.steps import get_step
from studio.errors import ConflictError, PipelineError
from studio.pipeline import load_pipeline
from studio.retention import Retention, collect_garbage
from studio.run import FINAL_RUN_STATES
from studio.runner.runner import Runner
from studio.runner.spark import SparkKeeper
from studio.selection import RUN_MODES
from studio.settings import Settings
from studio.step import StepOrder
from studio.store import Store
from studio.submission import Submission
from tests.conftest import Json, pipeline
from tests.inline import Workshop
from tests.runner.directed import ENDINGS, Clock, DirectedExecutor, Ending, Killed, Trapdoor
from tests.runner.ledger import Ledger

LEASE = 30.0
CPUS = 3
MAX_NODES = 6

numbers = st.integers(0, 1 << 16)


@st.composite
def nodes(draw: st.DrawFn, position: int) -> Json:
    """A node and the earlier ones that it reads; of few values, so that equal ones are met."""
    earlier = st.integers(0, position - 1) if position else st.nothing()
    least = draw(st.sampled_from([0, 1, 1])) if position else 0
    return {
        "above": draw(st.lists(earlier, min_size=least, max_size=2, unique=True))
        if position
        else [],
        "kind": draw(st.sampled_from(["plain", "plain", "plain", "volatile"])),
        "value": draw(st.integers(0, 2)),
        "seed": draw(st.integers(0, 1)),
        "cache": draw(st.sampled_from(["auto", "auto", "auto", "never", "freeze"])),
        "disabled": draw(st.integers(0, 15)) == 9,
        "retries": draw(st.sampled_from([0, 0, 1, 2])),
        "timeout": draw(st.sampled_from([None, None, 10.0])),
        "resources": {"cpu": draw(st.sampled_from([1, 1, 2, 5]))},
    }


@st.composite
def graphs(draw: st.DrawFn) -> list[Json]:
    return [draw(nodes(position)) for position in range(draw(st.integers(2, MAX_NODES)))]


def as_document(graph: list[Json]) -> Json:
    made, edges = {}, []
    for number, node in enumerate(graph):
        common = {n: node[n] for n in ("cache", "disabled", "retries", "timeout", "resources")}
        made[f"n{number}"] = {**common, **_component(node)}
        above = node["above"] if node["kind"] == "plain" else node["above"][:1]
        port = "reports" if node["kind"] == "plain" else "report"
        edges += [f"n{source}.report > n{number}.{port}" for source in above]
    return pipeline(made, edges)


def _component(node: Json) -> Json:
    if node["kind"] == "volatile":
        return {"component": "misbehave"}
    if node["above"]:
        return {"component": "total", "parameters": {"factor": float(node["value"])}}
    return {"component": "number", "parameters": {"value": node["value"], "seed": node["seed"]}}


class Hand:
    """A runner with the steps that run under it: they end with it."""

    def __init__(self, settings: Settings, database: Trapdoor, watch: Callable[..., None]) -> None:
        self.executor = DirectedExecutor(lambda order: watch(self, order))
        self.runner = Runner(settings, database, self.executor, SparkKeeper(settings))


class StudioMachine(RuleBasedStateMachine):
    """One studio. The names of rules say what happens; `ledger` and `watch` judge."""

    workshop: Workshop
    met: set[str]

    @initialize()
    def open(self) -> None:
        self.patch = pytest.MonkeyPatch()
        self.clock = Clock()
        self.clock.install(self.patch)
        self.settings = self.workshop.folder_of_its_own(cpus=CPUS, lease_seconds=LEASE)
        self.database = Trapdoor(self.settings.database)
        self.store = Store(self.settings.store)
        catalog = self.workshop.reader.load()
        self.submission = Submission(self.database, self.settings, catalog)
        self.ledger = Ledger(self.store)
        self.ledger.met = self.met
        self.asked: dict[str, float] = {}
        self.wrong: list[AssertionError] = []
        self.graphs: list[list[Json]] = []
        self.hand = Hand(self.settings, self.database, self.watch)
        self.asleep: Hand | None = None

    # What people do

    @rule(graph=graphs())
    def submit(self, graph: list[Json]) -> None:
        self.make_run(graph, RunOrder())

    @precondition(lambda self: self.graphs)
    @rule(
        number=numbers,
        changed=st.sampled_from(["nothing", "seed", "value", "cache", "disabled"]),
        data=st.data(),
        mode=st.sampled_from(["EXECUTE_ALL", "EXECUTE_ALL", *RUN_MODES]),
        fresh=st.sampled_from([False, False, False, True]),
    )
    def submit_again(
        self, number: int, changed: str, data: st.DataObject, mode: Any, fresh: bool
    ) -> None:
        """A graph that was run before, with one thing changed, in one of the ways to run."""
        graph = [*self.graphs[number % len(self.graphs)]]
        position = number // 7 % len(graph)
        if changed != "nothing":
            graph[position] = {**graph[position], changed: data.draw(nodes(position))[changed]}
        targets = () if mode == "EXECUTE_ALL" else (f"n{number // 49 % len(graph)}",)
        self.make_run(graph, RunOrder(mode=mode, targets=targets, fresh=fresh))

    def make_run(self, graph: list[Json], order: RunOrder) -> None:
        self.graphs.append(graph)
        with self.database.begin() as connection:
            record = create_pipeline(connection, load_pipeline(as_document(graph)))
        try:
            self.submission.submit(record, order, by_name=True)
        except (PipelineError, ConflictError) as error:
            self.met.add(error.code)
        self.turn()

    @precondition(lambda self: self.runs())
    @rule(number=numbers)
    def cancel(self, number: int) -> None:
        run = self.pick(number)
        try:
            with self.database.begin() as connection:
                request_cancel(connection, run.id)
        except ConflictError:
            assert run.state in FINAL_RUN_STATES
        else:
            self.asked.setdefault(run.id, self.clock.monotonic())

    @precondition(lambda self: self.runs())
    @rule(number=numbers)
    def resume(self, number: int) -> None:
        run = self.pick(number)
        try:
            self.submission.resume(run.id)
            self.met.add("resumed")
        except (ConflictError, PipelineError) as error:
            self.met.add(error.code)

    @precondition(lambda self: self.runs())
    @rule(number=numbers, pinned=st.booleans(), keep=st.sampled_from([None, 0, 1]))
    def keep_house(self, number: int, pinned: bool, keep: int | None) -> None:
        """Pin a run, or no longer; and collect what no run needs that is kept."""
        run = self.pick(number)
        with self.database.begin() as connection:
            pin_run(connection, run.id, pinned and run.id not in self.ledger.collected)
        if keep is not None:
            self.collect(keep)

    def collect(self, keep: int) -> None:
        self.ledger.collected |= {
            run.id for run in self.runs() if run.state in FINAL_RUN_STATES and not run.pinned
        }
        retention = Retention(days=0.0, runs=keep)
        done = collect_garbage(self.database, self.store, self.settings.logs, retention)
        if done.artifacts:
            self.met.add("collected")

    # What steps do

    @precondition(lambda self: self.hand.executor.running)
    @rule(number=numbers)
    def end_well(self, number: int) -> None:
        self.end(number, "succeed")

    @precondition(lambda self: self.hand.executor.running)
    @rule(number=numbers, ending=st.sampled_from(ENDINGS))
    def end(self, number: int, ending: Ending) -> None:
        running = sorted(self.hand.executor.running)
        self.hand.executor.end(running[number % len(running)], ending)
        self.turn()

    @precondition(lambda self: self.hand.executor.running)
    @rule()
    def all_end_well(self) -> None:
        for id in sorted(self.hand.executor.running):
            self.hand.executor.end(id, "succeed")
        self.turn()

    @precondition(lambda self: self.hand.executor.running)
    @rule(number=numbers, share=st.floats(0, 1))
    def say(self, number: int, share: float) -> None:
        running = sorted(self.hand.executor.running)
        self.hand.executor.say(running[number % len(running)], share)

    @precondition(lambda self: self.hand.executor.dying)
    @rule()
    def die(self) -> None:
        """Those that were killed are gone."""
        for id in sorted(self.hand.executor.dying):
            self.hand.executor.end(id, "kill")

    # What the machine does

    @rule()
    def turn(self) -> None:
        self.clock.pass_by(0.2)
        self.hand.runner.turn(0.0)

    @rule(
        seconds=st.sampled_from([0.6, 5.0, 11.0, LEASE + 1]),
        wall=st.sampled_from([0.0, 0.0, 0.0, -3600.0, 3600.0, 10 * 365 * 86400.0]),
    )
    def time_passes(self, seconds: float, wall: float) -> None:
        """And perhaps somebody sets the time of day."""
        self.clock.pass_by(seconds)
        self.clock.set_wall(wall)
        self.turn()

    @rule(gently=st.booleans())
    def restart(self, gently: bool) -> None:
        if gently:
            self.hand.runner.stop()
        self.kill()

    def kill(self) -> None:
        """`kill -9`, and the next runner on this folder begins."""
        self.hand.executor.stop()
        self.asleep = None
        shutil.rmtree(self.settings.work, ignore_errors=True)
        self.hand = Hand(self.settings, self.database, self.watch)
        self.hand.runner.recover()

    @rule(n=st.integers(1, 8), error=st.sampled_from([Killed, RuntimeError]), early=st.booleans())
    def fall(self, n: int, error: type[BaseException], early: bool) -> None:
        """One write is the last of the runner, or goes wrong, while all steps succeed."""
        self.database.arm(n, error, early)
        try:
            for _ in range(3):
                self.all_end_well()
        except (Killed, RuntimeError):
            self.met.add("fell")
            self.database.disarm()
            self.kill()
        self.database.disarm()

    @precondition(lambda self: self.asleep is None)
    @rule()
    def fall_asleep(self) -> None:
        """The runner is stopped for longer than its lease; another one takes its runs."""
        self.asleep, self.hand = self.hand, Hand(self.settings, self.database, self.watch)
        self.clock.pass_by(LEASE + 1)
        self.turn()

    @precondition(lambda self: self.asleep is not None)
    @rule(ending=st.sampled_from(ENDINGS))
    def wake_up(self, ending: Ending) -> None:
        """Its steps have ended meanwhile; it does not know yet that its runs are not its own."""
        assert self.asleep is not None
        for id in sorted(self.asleep.executor.running):
            self.asleep.executor.end(id, ending)
        self.asleep.runner.turn(0.0)
        self.clock.pass_by(1.0)
        self.asleep.runner.turn(0.0)
        for id in sorted(self.asleep.executor.running):
            self.asleep.executor.end(id, "kill")
        self.asleep.runner.turn(0.0)
        self.asleep.runner.stop()
        self.asleep = None
        self.met.add("woke up")

    # What must be true

    def watch(self, hand: Hand, order: StepOrder) -> None:
        """A step is being started. The runner must not hear what is wrong with that: it goes on."""
        try:
            self.check_start(hand, order)
        except AssertionError as error:
            self.wrong.append(error)

    def check_start(self, hand: Hand, order: StepOrder) -> None:
        used = sum(item.threads for item in hand.executor.running.values())
        assert not hand.executor.running or used + order.threads <= CPUS + self.dying(hand)
        with self.database.read() as connection:
            step = get_step(connection, order.run_id, order.node_id)
            (run,) = [run for run in list_runs(connection, limit=1000) if run.id == order.run_id]
            result = find_results(connection, [step.key or ""]).get(step.key or "")
            digests = [output["digest"] for output in (result or {}).values()]
            there = find_places(connection, digests)
        assert (run.owner, step.attempt) == (hand.runner.owner, order.attempt)
        asked = self.asked.get(run.id)
        assert asked is None or self.clock.monotonic() - asked < 1.0, "a cancelled run goes on"
        whole = result is not None and all(
            there.get(d) == "row" or self.store.has(d) for d in digests
        )
        if whole and not run.fresh and step.bound["node"].get("cache") == "auto":
            assert step.bound["spec"]["volatile"], "what is known is executed"

    def dying(self, hand: Hand) -> int:
        return sum(hand.executor.running[id].threads for id in hand.executor.dying)

    @invariant()
    def the_ledger_is_in_order(self) -> None:
        for error in self.wrong:
            raise error
        with self.database.read() as connection:
            self.ledger.check(connection)
        self.no_step_runs_without_a_lease()

    def no_step_runs_without_a_lease(self) -> None:
        executor, owner = self.hand.executor, self.hand.runner.owner
        ours = {run.id for run in self.runs() if run.owner == owner}
        alive = [
            order
            for id, order in [*executor.running.items(), *executor.ended.items()]
            if id not in executor.dying
        ]
        with self.database.read() as connection:
            for order in alive:
                step = get_step(connection, order.run_id, order.node_id)
                if order.run_id in ours and step.state == "running":
                    assert step.attempt == order.attempt

    def runs(self) -> list[RunRecord]:
        with self.database.read() as connection:
            return list_runs(connection, limit=1000)

    def pick(self, number: int) -> RunRecord:
        return self.runs()[number % len(self.runs())]

    def teardown(self) -> None:
        if not hasattr(self, "database"):
            return
        try:
            if self.asleep is not None:
                self.wake_up("succeed")
            self.settle()
        finally:
            self.patch.undo()
            self.database.close()
            shutil.rmtree(self.settings.home)

    def settle(self) -> None:
        """Left alone, every run ends, and leaves nothing behind."""
        for _ in range(200):
            if all(run.state in FINAL_RUN_STATES for run in self.runs()):
                break
            executor = self.hand.executor
            for id in sorted(executor.running):
                executor.end(id, "kill" if id in executor.dying else "succeed")
            self.clock.pass_by(1.0)
            self.hand.runner.turn(0.0)
        else:
            raise AssertionError("a run does not end")
        for _ in range(3):
            self.die()
            self.turn()
        self.the_ledger_is_in_order()
        assert not self.hand.executor.running, "a step outlives its run"
        left = [path for path in Path(self.settings.work).glob("*/*") if self.asleep is None]
        assert not left, ("a folder outlives its run", left)


TO_REACH = {
    "collected",
    "fell",
    "plan.upstream_missing",
    "resumed",
    "run cancelled",
    "run cancelling",
    "run failed",
    "run quarantined",
    "run succeeded",
    "step cancelled cancelled",
    "step failed timeout",
    "step reused equal",
    "step reused resumed",
    "step skipped upstream_ended",
    "woke up",
}


QUICKLY_REACHED = {"fell", "run cancelled", "run succeeded", "step reused equal"}


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    return Workshop(tmp_path_factory.mktemp("workshop"))


def explore(workshop: Workshop, examples: int, steps: int, derandomize: bool) -> set[str]:
    met: set[str] = set()
    machine = type("Machine", (StudioMachine,), {"workshop": workshop, "met": met})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=derandomize,
            suppress_health_check=list(HealthCheck),
        ),
    )
    return met


@pytest.mark.slow
def test_whatever_happens_the_ledger_is_in_order(workshop: Workshop) -> None:
    met = explore(workshop, examples=45, steps=30, derandomize=True)
    assert met >= QUICKLY_REACHED, QUICKLY_REACHED - met


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_whatever_happens_for_long_the_ledger_is_in_order(workshop: Workshop) -> None:
    met = explore(workshop, examples=3000, steps=80, derandomize=False)
    assert met >= TO_REACH, TO_REACH - met
