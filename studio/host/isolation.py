"""What the kernel does for us: processes that end with their parent, and give up their rights."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import signal
import time

import psutil

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_CAPBSET_DROP = 24
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38
_CAPABILITY_VERSION_3 = 0x20080522
_LAST_CAPABILITY = 63


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def die_with_parent() -> None:
    """Be killed when the parent's thread that started this process ends."""
    parent = os.getppid()
    _libc().prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it ended before we asked
        os._exit(1)


def relax_collector() -> None:
    """Look for cycles less often: a pipeline of 10,000 nodes makes many objects and few cycles."""
    gc.set_threshold(50_000, 50, 100)


def adopt_orphans() -> None:
    """Become the parent of descendants whose own parent has ended, so that none escapes."""
    _libc().prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def drop_privileges() -> None:
    """Give up every capability, now and for programs run later; matters when run as root."""
    libc = _libc()
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    for capability in range(_LAST_CAPABILITY + 1):
        libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    if libc.capset(header, nothing) != 0:
        raise OSError(ctypes.get_errno(), "capabilities cannot be dropped")


def hide_memory() -> None:
    """Let no process of the same user read this one's memory or environment."""
    _libc().prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def prefer_as_victim() -> None:
    """When memory runs out, the kernel shall end a step, never the server or the runner."""
    with open("/proc/self/oom_score_adj", "w") as file:  # noqa: PTH123
        file.write("800")


def kill_descendants(pid: int, seconds: float = 5.0) -> None:
    """Kill all processes below `pid`, those started meanwhile too."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            children = psutil.Process(pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return
        alive = [child for child in children if _is_alive(child)]
        if not alive:
            return
        for child in alive:
            _kill(child)
        psutil.wait_procs(alive, timeout=0.05)


def own_memory(pid: int) -> int:
    """Bytes that the processes below `pid` have to themselves, without what a fork shares."""
    try:
        children = psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return 0
    return sum(_private_memory(child.pid) for child in children)


def _private_memory(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/smaps_rollup") as file:  # noqa: PTH123
            lines = [line.split() for line in file if line.startswith("Private_")]
    except OSError:  # it has ended, or this is no Linux
        return 0
    return sum(int(line[1]) * 1024 for line in lines)


def _is_alive(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _kill(process: psutil.Process) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.kill()
