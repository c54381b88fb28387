"""Why a step gave no result, and whether another attempt may help."""

from __future__ import annotations

import random
import shutil
import signal
from pathlib import Path
from typing import Literal, cast, get_args

from studio.errors import StudioError, say
from studio.executors.base import StepExited

Loss = Literal[
    "cancelled",
    "timeout",
    "killed_memory",
    "killed_processes",
    "killed_cpu",
    "killed_output",
    "killed_disk",
    "no_sandbox",
    "spark_lost",
    "host_lost",
    "worker_lost",
    "crashed",
]

# Nothing that the step did: the same step may well succeed the next time.
_TRANSIENT: frozenset[Loss] = frozenset({"spark_lost", "host_lost", "worker_lost"})
# What a further attempt with the same limits cannot change, whatever the node says.
_FINAL: frozenset[Loss] = frozenset(
    {
        "cancelled",
        "timeout",
        "killed_memory",
        "killed_processes",
        "killed_cpu",
        "killed_output",
        "killed_disk",
        "no_sandbox",
    }
)
_TRANSIENT_RETRIES = 2
_FIRST_DELAY_SECONDS = 0.5
_LONGEST_DELAY_SECONDS = 30.0


def find_loss(
    ends_because: Loss | None, has_result: bool, exited: StepExited, oom_kills: int
) -> Loss | None:
    """None: the step ended by itself and said how it went.

    oom_kills: `count_oom_kills` when the step began.
    """
    if ends_because is not None:
        return ends_because
    if exited.reason in get_args(Loss):
        return cast("Loss", exited.reason)
    if exited.status == 0 and has_result:
        return None
    if exited.status == -signal.SIGKILL:
        return "killed_memory" if count_oom_kills() > oom_kills else "worker_lost"
    return "crashed"


def retries_after(loss: Loss, allowed: int) -> int:
    """How many attempts may follow the first one. allowed: what the node says."""
    if loss in _FINAL:
        return 0
    return max(allowed, _TRANSIENT_RETRIES) if loss in _TRANSIENT else allowed


def delay_before(attempt: int) -> float:
    """Seconds to wait before an attempt: twice as long each time, at random below that.

    At random, so that steps that were lost together do not come back together.
    """
    longest = min(_LONGEST_DELAY_SECONDS, _FIRST_DELAY_SECONDS * 2.0 ** (attempt - 2))
    return random.uniform(0.0, longest)


def check_disk(folder: Path, reserve: int) -> None:
    """Refuse to start a step on a disk that is nearly full. reserve: bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < reserve:
        raise StudioError(
            say(
                "Only {free:,} MiB are free where {folder} lies; {reserve:,} are kept.",
                free=free >> 20,
                folder=folder,
                reserve=reserve >> 20,
            ),
            hint="Free space, or remove old results with `studio gc`.",
            code="step.disk_full",
        )


def count_oom_kills() -> int:
    """How many processes the kernel has ended for want of memory since it was started."""
    try:
        lines = Path("/proc/vmstat").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), 0)
