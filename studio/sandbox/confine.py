"""In the child that becomes the command: give up all that the order does not allow, then run it.

Only the standard library: this runs in the interpreter of the sandbox. An error before the command
begins goes up and ends the child: nothing runs half confined.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import sys

from studio.sandbox import landlock, seccomp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from studio.sandbox.order import InitOrder

# In a container there is no mount namespace of our own: what may be seen is listed.
_CONTAINER_READ = (
    "/usr", "/bin", "/lib", "/lib64", "/sbin", "/etc/ld.so.cache", "/etc/ld.so.conf",
    "/etc/ld.so.conf.d", "/etc/localtime", "/etc/ssl", "/etc/fonts", "/etc/passwd", "/etc/group",
    "/etc/nsswitch.conf", "/etc/hosts", "/proc/self", "/proc/cpuinfo", "/proc/meminfo",
    "/proc/stat", "/sys/devices/system/cpu", "/sys/fs/cgroup",
)  # fmt: skip
_CONTAINER_DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")


def become_command(order: InitOrder) -> NoReturn:
    """Never returns; raises OSError when the command cannot be confined or found."""
    os.chdir(order.folder)
    _prefer_as_victim()
    _limit(order)
    if sys.platform == "linux":
        drop_capabilities()
        landlock.restrict(_rules(order), tcp=order.network != "off")
        seccomp.load_filter(_filter(order))
    os.execve(order.command[0], order.command, order.environment)


def _prefer_as_victim() -> None:
    """When memory runs out, the kernel shall end this, never the studio."""
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:  # noqa: PTH123
        file.write("800")


def _limit(order: InitOrder) -> None:
    limits = {
        resource.RLIMIT_CPU: order.cpu_seconds,
        resource.RLIMIT_FSIZE: order.file_size,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: 4096,
    }
    if order.own_namespace:  # elsewhere it would count the studio's own processes
        limits[resource.RLIMIT_NPROC] = order.processes + 16
    for name, value in limits.items():
        hard = resource.getrlimit(name)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        # At the soft limit of CPU time comes SIGXCPU, which tells why; at the hard one SIGKILL.
        spare = 1 if name == resource.RLIMIT_CPU and hard == resource.RLIM_INFINITY else 0
        resource.setrlimit(name, (value, value + spare))


def drop_capabilities() -> None:
    """A container's root keeps none; in a user namespace there are none already."""
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in range(64):
        libc.prctl(24, capability, 0, 0, 0)
    header, nothing = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    if libc.capset(header, nothing) != 0:
        raise OSError(ctypes.get_errno(), "capabilities cannot be dropped")


def _rules(order: InitOrder) -> list[tuple[str, int]]:
    """Landlock's rules: where the mounts confine what is seen, they say what may be written."""
    written = [folder for folder in (order.work, order.kept) if folder]
    rules = [(folder, landlock.WRITE) for folder in written]
    if order.own_namespace:
        # A rule holds for all below it: a work folder below /tmp must not gain by it.
        is_below = any(folder.startswith("/tmp/") for folder in written)
        scratch = ("/tmp", landlock.WRITE if is_below else landlock.SCRATCH)
        shared = ("/dev/shm", landlock.SCRATCH)
        return [("/", landlock.READ), ("/dev", landlock.DEVICES), shared, scratch, *rules]
    rules += [(order.environment["TMPDIR"], landlock.SCRATCH)]
    rules += [(path, landlock.READ) for path in (*_CONTAINER_READ, *order.read)]
    devices = (*_CONTAINER_DEVICES, *order.devices)
    return [*rules, *((path, landlock.DEVICES) for path in devices)]


def _filter(order: InitOrder) -> bytes:
    families = seccomp.families_for(order.network, unix=order.own_namespace)
    signals_scoped = order.own_namespace or landlock.abi() >= landlock.SCOPES_SIGNALS_FROM
    return seccomp.build_filter(families, None if signals_scoped else os.getpid())
