"""Looks at what the processes of a sandbox use, and says which limit is passed.

Only the standard library: this runs in the init of the sandbox. Memory is counted as the pages
that a process does not share with files; what forked processes share with one another is counted
once, by looking closer when the first count is above the limit.
"""

from __future__ import annotations

import contextlib
import os
import resource
import time
from collections.abc import Iterator

TYPE_CHECKING = False
if TYPE_CHECKING:
    from studio.sandbox.order import InitOrder

_PAGE = resource.getpagesize()
_TICKS = os.sysconf("SC_CLK_TCK")
_DISK_RESERVE = 256 << 20
_OUTPUT_SECONDS = 1.0


class Watch:
    """`passed()` names the limit that is passed, or None; `peak` is the most memory seen."""

    def __init__(self, order: InitOrder) -> None:
        self._order = order
        self._output_at = 0.0
        self.peak = 0

    def passed(self) -> str | None:
        processes = list(living(self._order.own_namespace))
        if len(processes) > self._order.processes:
            return "processes"
        if self._memory(processes) > self._order.memory:
            return "memory"
        if self._cpu(processes) > self._order.cpu_seconds:
            return "cpu"
        return self._disk()

    def _memory(self, processes: list[int]) -> int:
        used = sum(_private_bytes(pid) for pid in processes) + self._scratch()
        if used > self._order.memory and len(processes) > 1:
            used = sum(_proportional_bytes(pid) for pid in processes) + self._scratch()
        self.peak = max(self.peak, used)
        return used

    def _scratch(self) -> int:
        """What lies in the sandbox's `/tmp` and `/dev/shm`, which are memory."""
        if not self._order.own_namespace:
            return 0
        return _used_bytes("/tmp") + _used_bytes("/dev/shm")

    def _cpu(self, processes: list[int]) -> float:
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        return ended.ru_utime + ended.ru_stime + sum(_cpu_seconds(pid) for pid in processes)

    def _disk(self) -> str | None:
        folders = [(folder, self._order.output) for folder in (self._order.work, self._order.kept)]
        if not self._order.own_namespace:  # elsewhere the mount is of that size
            folders.append((self._order.environment["TMPDIR"], self._order.scratch))
        present = [(path, limit) for path, limit in folders if path is not None]
        if any(_free_bytes(path) < _DISK_RESERVE for path, _ in present):
            return "disk"
        began = time.monotonic()
        if began < self._output_at:
            return None
        is_over = any(folder_size(path) > limit for path, limit in present)
        self._output_at = time.monotonic() + max(_OUTPUT_SECONDS, 10 * (time.monotonic() - began))
        return "output" if is_over else None


def living(own_namespace: bool) -> Iterator[int]:
    """The processes of this sandbox, zombies not counted: all others, or all below this one."""
    own = os.getpid()
    parents: dict[int, int] = {}
    for name in os.listdir("/proc"):  # noqa: PTH208 - many times a second
        if name.isdigit() and int(name) != own:
            fields = _status(int(name))
            if fields and fields[0] not in ("Z", "X"):
                parents[int(name)] = int(fields[1])
    for pid in parents:
        if own_namespace or _is_below(pid, own, parents):
            yield pid


def _is_below(pid: int, ancestor: int, parents: dict[int, int]) -> bool:
    while pid in parents:
        pid = parents[pid]
        if pid == ancestor:
            return True
    return False


def _status(pid: int) -> list[str]:
    """The fields of `/proc/PID/stat` after the name: state, parent, ...; none when it ended."""
    return _read(f"/proc/{pid}/stat").rpartition(")")[2].split()


def _cpu_seconds(pid: int) -> float:
    fields = _status(pid)
    return (int(fields[11]) + int(fields[12])) / _TICKS if fields else 0.0


def _private_bytes(pid: int) -> int:
    fields = _read(f"/proc/{pid}/statm").split()
    return (int(fields[1]) - int(fields[2])) * _PAGE if fields else 0


def _proportional_bytes(pid: int) -> int:
    lines = _read(f"/proc/{pid}/smaps_rollup").splitlines()
    kib = [int(line.split()[1]) for line in lines if line.startswith("Pss_Anon:")]
    return kib[0] << 10 if kib else _private_bytes(pid)


def _read(path: str) -> str:
    try:
        with open(path) as file:  # noqa: PTH123
            return file.read()
    except OSError:
        return ""


def _used_bytes(path: str) -> int:
    status = os.statvfs(path)
    return (status.f_blocks - status.f_bfree) * status.f_frsize


def _free_bytes(path: str) -> int:
    status = os.statvfs(path)
    return status.f_bavail * status.f_frsize


def folder_size(folder: str) -> int:
    """Bytes on disk below a folder; what vanishes meanwhile is not counted."""
    size, waiting = 0, [folder]
    while waiting:
        with contextlib.suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):
                    size += entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
    return size
