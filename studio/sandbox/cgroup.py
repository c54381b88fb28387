"""A process limit that the kernel counts: a group of the pids controller for one sandbox.

`RLIMIT_NPROC` does not hold for root, and the init looks at the tree only every 50 ms: on a busy
machine a fork bomb is faster. Where the studio may not make groups, the init's count stands alone.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import sys
from functools import cache
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")
_PREFIX = "splice-"
# Above the limit of a sandbox, so that the init sees the limit passed and names it.
_MARGIN = 16
_numbers = itertools.count()


def make_group(processes: int) -> Path | None:
    """A new, empty group that holds at most `processes` and a few; None where it is not allowed."""
    parent = _parent()
    if parent is None:
        return None
    group = parent / f"{_PREFIX}{os.getpid()}-{next(_numbers)}"
    try:
        group.mkdir()
        (group / "pids.max").write_text(str(processes + _MARGIN))
    except OSError:
        remove_group(group)
        return None
    return group


def open_group(group: Path) -> int:
    """A descriptor: the process that writes "0" to it joins the group."""
    return os.open(group / "cgroup.procs", os.O_WRONLY | os.O_CLOEXEC)


def remove_group(group: Path) -> None:
    """Remove a group whose processes have ended."""
    with contextlib.suppress(OSError):
        group.rmdir()


@cache
def _parent() -> Path | None:
    """The studio's own group, which it may divide, freed of what studios that are gone left."""
    if sys.platform != "linux":
        return None
    own = _own_group()
    if own is None or not os.access(own, os.W_OK):
        return None
    for left in own.glob(f"{_PREFIX}*"):
        if not Path("/proc", left.name.removeprefix(_PREFIX).split("-")[0]).exists():
            remove_group(left)
    return own


def _own_group() -> Path | None:
    """Version 1 has a tree for each controller, version 2 one tree for all (a line "0::PATH")."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            if "pids" in controllers.split(","):
                return _ROOT / "pids" / path.lstrip("/")
            if not controllers and (_ROOT / "cgroup.controllers").exists():
                return _ROOT / path.lstrip("/")
    return None
