"""Start a command confined, by the strongest mechanism that works on this machine."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

from studio.errors import UnavailableError
from studio.sandbox import init
from studio.sandbox.bubblewrap import bubblewrap_command, find_bubblewrap
from studio.sandbox.cgroup import make_group, open_group, remove_group
from studio.sandbox.confinement import Confinement, Ended
from studio.sandbox.egress import PROXY_PORT, Egress, proxy_environment, start_egress
from studio.sandbox.installation import PACKAGE, bare_interpreter, installation_folders
from studio.sandbox.order import InitOrder, read_ended
from studio.sandbox.seatbelt import PROGRAM as SEATBELT
from studio.sandbox.seatbelt import seatbelt_command

Mechanism = Literal["bubblewrap", "landlock", "seatbelt", "none"]

_START = f"import sys; sys.path.insert(0, sys.argv.pop(1)); import {init.__name__} as i; i.main()"
# The parent-death signal follows the *thread* that starts a process: this one lives as long as
# the studio does.
_spawner = ThreadPoolExecutor(1, "sandbox")


@cache
def find_mechanism() -> Mechanism:
    """What can be used here; whether it confines enough is for the probes to say."""
    if sys.platform == "darwin":
        return "seatbelt" if SEATBELT.exists() else "none"
    bwrap = find_bubblewrap()
    if bwrap is not None and _works(bwrap):
        return "bubblewrap"
    from studio.sandbox import landlock

    return "landlock" if landlock.abi() > 0 else "none"


def _works(bwrap: Path) -> bool:
    """In a container, or where AppArmor forbids it, bubblewrap cannot make a namespace."""
    command = bubblewrap_command(bwrap, Confinement(bare_interpreter()), [])
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        done = subprocess.run([*command, "/bin/true"], capture_output=True, timeout=10, check=False)
        return done.returncode == 0
    return False


class Confined:
    """A confined command that was started; its whole tree can be ended from here.

    Dropping it, or the end of the studio, ends the tree as well: the control pipe closes.
    """

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        control: int,
        status: int,
        scratch: Path | None,
        group: Path | None,
        egress: Egress | None,
    ) -> None:
        self._process = process
        self._control: int | None = control
        self._status = os.fdopen(status, "rb", buffering=0)
        self._scratch = scratch
        self._group = group
        self._egress = egress
        self._ended: Ended | None = None
        self._killed = False

    @property
    def pid(self) -> int:
        return self._process.pid

    def fileno(self) -> int:
        """Readable when the command has ended: then `wait` is short."""
        return self._status.fileno()

    def poll(self) -> Ended | None:
        """How it ended, or None while anything of its tree is left."""
        if self._ended is None and self._process.poll() is not None:
            self._ended = self._read_status()
            if self._egress is not None:
                self._ended = replace(self._ended, contacts=self._egress.stop())
            self._close()
        return self._ended

    def wait(self, timeout: float) -> Ended:
        """Wait until it has ended; after `timeout` seconds it is killed. Gives how it ended."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout)
        if self.poll() is None:
            self.kill()
            self._process.wait()
        ended = self.poll()
        assert ended is not None
        return ended

    def terminate(self) -> None:
        """Ask the command to end, by SIGTERM to its process group."""
        if self._control is not None:
            with contextlib.suppress(BrokenPipeError):
                os.write(self._control, b"t")

    def kill(self) -> None:
        """End all of it at once; `poll` tells when it is over."""
        self._killed = True
        if self._control is not None:
            os.close(self._control)
            self._control = None
        if self._egress is not None:
            self._egress.end()

    def _read_status(self) -> Ended:
        with self._status:
            answer = self._status.read()
        if answer:
            return read_ended(answer)
        if self._killed:
            return Ended(-9)
        error = f"the sandbox ended with code {self._process.returncode}; see the log"
        return Ended(self._process.returncode, "sandbox", error)

    def _close(self) -> None:
        if self._control is not None:
            os.close(self._control)
            self._control = None
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)
        if self._group is not None:
            remove_group(self._group)

    def __del__(self) -> None:
        if self._control is not None:
            os.close(self._control)


def start(
    confinement: Confinement,
    command: Sequence[str],
    log: int,
    *,
    stdin: int = subprocess.DEVNULL,
    stdout: int | None = None,
    keep: Sequence[int] = (),
) -> Confined:
    """Start `command` confined. Its errors, and its output unless `stdout` is given, go to `log`.

    keep: descriptors that it inherits, by their numbers. Raises UnavailableError where this
    machine has no means to confine it: there is no way to run it bare.
    """
    mechanism = find_mechanism()
    if mechanism == "none":
        raise UnavailableError(
            "This machine has no sandbox, so code that was brought to the studio cannot run.",
            hint="Install bubblewrap, or a Linux kernel with Landlock (5.13 or later).",
            code="sandbox.unavailable",
        )
    if mechanism != "bubblewrap" and confinement.needs_loopback:
        raise UnavailableError(
            "A network of its own needs bubblewrap, which does not work on this machine.",
            hint="Run the studio where unprivileged user namespaces are allowed.",
            code="sandbox.network",
        )
    egress = start_egress(confinement, log, _spawn) if confinement.hosts else None
    status, status_writer = os.pipe2(os.O_CLOEXEC) if hasattr(os, "pipe2") else os.pipe()
    control_reader, control = os.pipe()
    scratch = None if mechanism == "bubblewrap" else Path(tempfile.mkdtemp(prefix="studio-step-"))
    order = _order(confinement, command, mechanism, scratch, status_writer, control_reader, keep)
    group = make_group(confinement.limits.processes)
    order.group = None if group is None else open_group(group)
    if egress is not None:
        order.egress, order.egress_port = egress.link, PROXY_PORT
    if stdout is not None:
        order.keep.append(1)
    told = _as_file(order.dump())
    given = (status_writer, control_reader, order.group, order.egress, told)
    passed = [descriptor for descriptor in given if descriptor is not None]
    try:
        process = _spawn(
            [*_outer(confinement, mechanism, scratch), *_init(told)],
            stdin=stdin,
            stdout=log if stdout is None else stdout,
            stderr=log,
            pass_fds=[*passed, *keep],
            cwd="/",
            env={},
            start_new_session=True,
        )
    finally:
        for descriptor in passed:
            os.close(descriptor)
    return Confined(process, control, status, scratch, group, egress)


def _spawn(*arguments: Any, **options: Any) -> subprocess.Popen[bytes]:
    return _spawner.submit(lambda: subprocess.Popen(*arguments, **options)).result()


def _as_file(content: bytes) -> int:
    """A descriptor from which it is read: an argument may hold 128 KiB only, and is seen by all."""
    with tempfile.TemporaryFile(buffering=0) as file:
        file.write(content)
        file.seek(0)
        return os.dup(file.fileno())


def _init(order: int) -> list[str]:
    """order: a descriptor."""
    root = str(PACKAGE.parent)
    return [str(bare_interpreter()), "-I", "-S", "-B", "-c", _START, root, str(order)]


def _outer(confinement: Confinement, mechanism: Mechanism, scratch: Path | None) -> list[str]:
    read = _readable(confinement)
    if mechanism == "bubblewrap":
        bwrap = find_bubblewrap()
        assert bwrap is not None
        return bubblewrap_command(bwrap, confinement, read)
    if mechanism == "seatbelt":
        assert scratch is not None
        return seatbelt_command(confinement, read, scratch)
    return []


def _readable(confinement: Confinement) -> list[Path]:
    installations = [
        *installation_folders(bare_interpreter()),
        *installation_folders(confinement.interpreter),
    ]
    return list(dict.fromkeys([*installations, PACKAGE, *confinement.read_only]))


def _order(
    confinement: Confinement,
    command: Sequence[str],
    mechanism: Mechanism,
    scratch: Path | None,
    status: int,
    control: int,
    keep: Sequence[int],
) -> InitOrder:
    limits, temporary = confinement.limits, str(scratch or "/tmp")
    proxy = proxy_environment(confinement.hosts) if confinement.hosts else {}
    return InitOrder(
        command=list(command),
        environment={**_base_environment(temporary), **proxy, **confinement.environment},
        folder=str(confinement.work or temporary),
        read=[str(path) for path in _readable(confinement)],
        work=str(confinement.work) if confinement.work else None,
        kept=str(confinement.kept) if confinement.kept else None,
        network="loopback" if confinement.needs_loopback else "off",
        cpu_seconds=limits.cpu_seconds,
        memory=limits.memory,
        processes=limits.processes,
        file_size=limits.file_size,
        scratch=limits.scratch,
        output=limits.output,
        log=limits.log,
        own_namespace=mechanism == "bubblewrap",
        status=status,
        control=control,
        keep=list(keep),
        devices=[str(path) for path in confinement.devices],
    )


def _base_environment(temporary: str) -> Mapping[str, str]:
    return {"PATH": "/usr/bin:/bin", "HOME": temporary, "TMPDIR": temporary, "LANG": "C.UTF-8"}


@dataclass(frozen=True)
class Completed:
    """A confined command that was waited for: how it ended, what it answered and what it said."""

    ended: Ended
    output: bytes
    log: str


def run(
    confinement: Confinement,
    command: Sequence[str],
    *,
    input: bytes = b"",
    timeout: float,
    max_output: int = 16 << 20,
) -> Completed:
    """Run a command confined and wait for it. `input` is its stdin, its stdout is the answer.

    After `timeout` seconds, or when it answers more than `max_output` bytes, it is killed.
    """
    with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as log:
        stdin.write(input)
        stdin.seek(0)
        reader, writer = os.pipe()
        try:
            process = start(confinement, command, log.fileno(), stdin=stdin.fileno(), stdout=writer)
        finally:
            os.close(writer)
        with os.fdopen(reader, "rb") as pipe:
            output = _read_until(pipe.fileno(), time.monotonic() + timeout, max_output)
        ended = process.wait(0.0 if output is None else timeout)
        log.seek(0)
        return Completed(ended, output or b"", log.read().decode(errors="replace"))


def _read_until(descriptor: int, deadline: float, most: int) -> bytes | None:
    """All that is written into a pipe; None when it is too much or takes too long."""
    import selectors

    content = b""
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        while len(content) <= most:
            if not selector.select(max(0.0, deadline - time.monotonic())):
                return None
            chunk = os.read(descriptor, 1 << 16)
            if not chunk:
                return content
            content += chunk
    return None
