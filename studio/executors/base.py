"""What every executor can do, and what it tells the runner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from studio.sandbox.confinement import Confinement, Contact


@dataclass(frozen=True)
class StepLaunch:
    """A step to start: its folder holds `step.json`; the log is appended to.

    confinement: what the step may see and use, when its code is not ours; None: it is ours.
    """

    id: str
    folder: Path
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    memory: int | None = None
    confinement: Confinement | None = None


@dataclass(frozen=True)
class StepMessage:
    """Something the running step reported: progress or metrics."""

    id: str
    content: dict[str, Any]


@dataclass(frozen=True)
class StepExited:
    """Nothing of the step's process tree is left. `status`: exit code, or minus the signal.

    reason: why, where that was nothing of the step's own doing: `host_lost`, `killed_memory`, ...;
    `error` then may say more. contacts: what it asked of the network.
    """

    id: str
    status: int
    peak_memory: int | None = None
    reason: str | None = None
    error: str | None = None
    contacts: tuple[Contact, ...] = ()


Signal = StepMessage | StepExited


class Executor(Protocol):
    """Starts steps and reports on them; used by one thread, never blocks but in `poll`."""

    def start(self, launch: StepLaunch) -> None: ...

    def poll(self, timeout: float) -> Sequence[Signal]:
        """What happened, waiting up to `timeout` seconds for something to happen."""

    def terminate(self, id: str) -> None:
        """Ask the step to end; StepExited follows when it has."""

    def kill(self, id: str) -> None:
        """End the whole process tree of the step at once; StepExited follows."""

    def stop(self) -> None:
        """End every step, and the executor."""
