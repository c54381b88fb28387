"""A runner whose steps end as a test says, whose clock a test moves, and whose transactions break.

Everything else is the real thing: scheduling, database, store, garbage collection.
"""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, get_args

import pytest
from sqlalchemy import Connection, event

from studio.artifacts import canonical_json
from studio.database.engine import Database, open_database
from studio.executors.base import Signal, StepExited, StepLaunch, StepMessage
from studio.step import (
    OUTPUTS_FOLDER,
    RESULT_FILE,
    InputArtifact,
    StepOrder,
    StepResult,
    read_order,
    write_document,
)
from studio.store import INLINE_LIMIT

_CLOCKED = (
    "studio.database.events",
    "studio.database.runs",
    "studio.database.steps",
    "studio.runner.active",
    "studio.runner.book",
    "studio.runner.runner",
    "studio.retention",
)


class Killed(BaseException):
    """The runner's process ends here; no handler of errors sees it."""


class Clock:
    """Both clocks of the machine, which stand still until they are moved."""

    def __init__(self) -> None:
        self._wall = time.time()
        self._steady = 1000.0

    def time(self) -> float:
        return self._wall

    def monotonic(self) -> float:
        return self._steady

    def pass_by(self, seconds: float) -> None:
        self._wall += seconds
        self._steady += seconds

    def set_wall(self, seconds: float) -> None:
        """Somebody corrects the time of day by so much."""
        self._wall += seconds

    def install(self, patch: pytest.MonkeyPatch) -> None:
        for module in _CLOCKED:
            patch.setattr(f"{module}.time", self)


class Trapdoor(Database):
    """A database whose n-th transaction that writes from now on ends in an error.

    `early`: it is undone; else it is done, and whoever did it never hears of it.
    """

    def __init__(self, url: str) -> None:
        engine = open_database(url).engine
        event.listen(engine, "connect", _hurry)
        super().__init__(engine)
        self._left = 0
        self._error: type[BaseException] = Killed
        self._early = True

    def arm(self, n: int, error: type[BaseException], early: bool) -> None:
        self._left, self._error, self._early = n, error, early

    def disarm(self) -> None:
        self._left = 0

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        self._left -= 1
        falls = self._left == 0
        with super().begin() as connection:
            yield connection
            if falls and self._early:
                raise self._error("the trapdoor")
        if falls:
            raise self._error("the trapdoor")


def _hurry(connection: Any, _: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")  # the machine itself goes on


Ending = Literal["succeed", "refuse", "crash", "vanish", "kill", "lose host", "no output"]
ENDINGS: tuple[Ending, ...] = get_args(Ending)
_STATUSES = {"crash": 3, "kill": -signal.SIGKILL, "lose host": -signal.SIGKILL}


class DirectedExecutor:
    """A step runs until `end` says how it ends; what a step gives depends on its order alone."""

    def __init__(self, on_start: Callable[[StepOrder], None] = lambda _: None) -> None:
        self.running: dict[str, StepOrder] = {}
        self.ended: dict[str, StepOrder] = {}  # the runner has not heard of these yet
        self.dying: set[str] = set()
        self._on_start = on_start
        self._folders: dict[str, Path] = {}
        self._signals: list[Signal] = []

    def start(self, launch: StepLaunch) -> None:
        assert launch.id not in self.running, "one attempt is started twice"
        self._on_start(read_order(launch.folder))
        self.running[launch.id] = read_order(launch.folder)
        self._folders[launch.id] = launch.folder

    def say(self, id: str, share: float) -> None:
        self._signals.append(StepMessage(id, {"type": "progress", "share": share}))

    def end(self, id: str, ending: Ending) -> None:
        self.ended[id] = self.running.pop(id)
        self.dying.discard(id)
        if self._folders[id].exists():
            write_result(self._folders[id], ending)
        reason = "host_lost" if ending == "lose host" else None
        self._signals.append(StepExited(id, _STATUSES.get(ending, 0), 1 << 20, reason))

    def poll(self, timeout: float) -> Sequence[Signal]:
        signals, self._signals = self._signals, []
        self.ended.clear()
        return signals

    def terminate(self, id: str) -> None:
        """Whether a step obeys, and when, is up to the test."""

    def kill(self, id: str) -> None:
        """It ends soon: until then it may still succeed."""
        if id in self.running:
            self.dying.add(id)

    def stop(self) -> None:
        self.running.clear()
        self.dying.clear()


def write_result(folder: Path, ending: Ending) -> None:
    if ending == "succeed":
        write_outputs(folder)
    if ending in ("succeed", "no output"):
        write_document(folder, RESULT_FILE, StepResult(state="succeeded"))
    if ending == "refuse":
        problems = [{"code": "component.error", "message": "No."}]
        write_document(folder, RESULT_FILE, StepResult(state="failed", problems=problems))


def write_outputs(folder: Path) -> None:
    """A number on every port; odd ones come with ballast, too much for a row of the database."""
    order = read_order(folder)
    above = [_value(item) for items in order.inputs.values() for item in items]
    own = order.parameters.get("value", 1.0)
    value = order.parameters.get("factor", 1.0) * sum(above) if above else own
    for port in order.spec.outputs:
        target = folder / OUTPUTS_FOLDER / port.name
        target.mkdir(parents=True)
        (target / "report.json").write_bytes(canonical_json({"value": value}))
        if value % 2 == 1:
            (target / "ballast.bin").write_bytes(b"x" * (INLINE_LIMIT + 1))


def _value(item: InputArtifact) -> float:
    return float(json.loads((Path(item.folder) / "report.json").read_text())["value"])
