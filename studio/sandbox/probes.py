"""Is the sandbox one? The attacks are run through the real launch path, and looked at from outside.

Nothing is believed that the inside says alone: whether the canary came out, the file changed, the
victim died or the listener was reached is seen here.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from studio.sandbox.attacks import ATTACKS
from studio.sandbox.confinement import Confinement, Limits
from studio.sandbox.installation import bare_interpreter
from studio.sandbox.launch import Completed, Mechanism, find_mechanism, run

_ATTACKS = Path(__file__).with_name("attacks.py")
_SECONDS = 30.0
_MIB = 1 << 20

# Each is looked at on its own, because it is meant to be ended, or to outlive its end.
_ALONE = ("memory", "forks", "daemon")
_TOGETHER = tuple(name for name in ATTACKS if name not in _ALONE)

# What must be denied before code that is not ours may run. On macOS there are no such system
# calls as Linux has, and nothing limits the memory of a process tree.
_LINUX_ONLY = {"abstract_socket", "user_namespace", "io_uring", "keyctl", "af_alg", "see_processes"}
_REQUIRED: dict[Mechanism, frozenset[str]] = {
    "bubblewrap": frozenset(ATTACKS),
    "landlock": frozenset(ATTACKS),
    "seatbelt": frozenset(ATTACKS) - _LINUX_ONLY - {"memory", "forks", "environ"},
    "none": frozenset(ATTACKS),
}


@dataclass(frozen=True)
class SandboxReport:
    """What the attacks came to. denied, missing: their names; missing: required and not denied.

    details: how each went, seen from inside. has_network: whether a network of its own can be had.
    """

    mechanism: Mechanism
    denied: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    details: dict[str, str] = field(default_factory=dict)
    has_network: bool = False
    seconds: float = 0.0

    @property
    def is_sufficient(self) -> bool:
        return self.mechanism != "none" and not self.missing


@dataclass
class _Bait:
    """What an attack is after, in a folder of ours; the canary must never come out."""

    folder: Path
    canary: str
    victim: subprocess.Popen[bytes]
    listeners: dict[str, socket.socket]

    @property
    def work(self) -> Path:
        return self.folder / "work"

    @property
    def given(self) -> Path:
        return self.folder / "input.txt"

    def targets(self, attacks: Sequence[str]) -> dict[str, Any]:
        return {
            "attacks": list(attacks),
            "key": str(self.folder / "key"),
            "folder": str(self.folder / "another"),
            "input": str(self.given),
            "work": str(self.work),
            "pid": self.victim.pid,
            "tcp": self.listeners["tcp"].getsockname()[1],
            "udp": self.listeners["udp"].getsockname()[1],
            "abstract": f"studio-{self.canary}",
            "socket": str(self.folder),
            "forks": 48,
        }

    def hits(self) -> set[str]:
        """The attacks whose effect is to be seen out here."""
        hits = {name for name, listener in self.listeners.items() if _was_reached(listener)}
        hits |= {"signal"} if self.victim.poll() is not None else set()
        hits |= {"write_input"} if self.given.read_text() != "given" else set()
        hits |= {"write_folder"} if (self.folder / "another" / "planted").exists() else set()
        return hits | {name for name in ("symlink", "fifo") if self._is_special(name)}

    def _is_special(self, name: str) -> bool:
        return os.path.lexists(self.work / {"symlink": "link", "fifo": "fifo"}[name])


def run_probes(home: Path) -> SandboxReport:
    """Run every attack; takes about a second. home: a folder of ours, such as the data folder."""
    began, mechanism = time.monotonic(), find_mechanism()
    if mechanism == "none":
        return SandboxReport(mechanism, missing=tuple(sorted(_REQUIRED["none"])))
    with _bait(home) as bait:
        details = _attack(bait)
    denied = {name for name, detail in details.items() if detail != "allowed"}
    return SandboxReport(
        mechanism,
        denied=tuple(sorted(denied)),
        missing=tuple(sorted(_REQUIRED[mechanism] - denied)),
        details=details,
        has_network=mechanism == "bubblewrap",
        seconds=round(time.monotonic() - began, 3),
    )


def _attack(bait: _Bait) -> dict[str, str]:
    done = _run(bait, _TOGETHER, Limits(file_size=32 * _MIB))
    details = _answers(done, _TOGETHER)
    if bait.canary in done.output.decode(errors="replace") + done.log:
        details["read_key"] = "allowed"
    details |= dict.fromkeys(bait.hits(), "allowed")
    memory = _run(bait, ["memory"], Limits(memory=128 * _MIB)).ended
    details["memory"] = "ended" if memory.reason == "memory" else "allowed"
    forks = _run(bait, ["forks"], Limits(processes=16))
    refused = forks.ended.reason == "processes" or "BlockingIOError" in forks.output.decode()
    details["forks"] = "ended" if refused else "allowed"
    _run(bait, ["daemon"], Limits())
    details["daemon"] = "allowed" if _beats(bait.work / "heartbeat") else "ended"
    return details


def _run(bait: _Bait, attacks: Sequence[str], limits: Limits) -> Completed:
    python = bare_interpreter()
    confinement = Confinement(python, read_only=[bait.given], work=bait.work, limits=limits)
    command = [str(python), "-I", "-S", "-B", str(_ATTACKS)]
    targets = json.dumps(bait.targets(attacks)).encode()
    return run(confinement, command, input=targets, timeout=_SECONDS)


def _answers(done: Completed, attacks: Sequence[str]) -> dict[str, str]:
    """What the inside says; where it says nothing, nothing was denied."""
    try:
        answers = json.loads(done.output)
    except ValueError:
        answers = {}
    return {name: str(answers.get(name, "allowed")) for name in attacks}


def _beats(heartbeat: Path) -> bool:
    if not heartbeat.exists():
        return True  # the attack did not even begin, so nothing was shown
    before = heartbeat.read_text()
    time.sleep(0.1)
    return heartbeat.read_text() != before


@contextmanager
def _bait(home: Path) -> Iterator[_Bait]:
    canary = secrets.token_hex(8)
    home.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix=".probe-", dir=home))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        for part in ("work", "another"):
            (folder / part).mkdir()
        for file, text in (("key", canary), ("another/secret", canary), ("input.txt", "given")):
            (folder / file).write_text(text)
        victim = stack.enter_context(_victim(canary))
        listeners = {
            "tcp": stack.enter_context(socket.create_server(("127.0.0.1", 0))),
            "udp": stack.enter_context(_bound(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0))),
            "path_socket": stack.enter_context(_listening_in(folder)),
        }
        if sys.platform == "linux":
            abstract = stack.enter_context(_listening(f"\0studio-{canary}"))
            listeners["abstract_socket"] = abstract
        yield _Bait(folder, canary, victim, listeners)


@contextmanager
def _victim(canary: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process of ours, to be signalled, traced and read, that does nothing."""
    sleep = [str(bare_interpreter()), "-I", "-S", "-c", "import time; time.sleep(120)"]
    victim = subprocess.Popen(sleep, env={"CANARY": canary}, stdin=subprocess.DEVNULL)
    try:
        yield victim
    finally:
        victim.kill()
        victim.wait()


def _bound(family: int, type_: int, address: Any) -> socket.socket:
    bound = socket.socket(family, type_)
    bound.bind(address)
    return bound


def _listening(address: str) -> socket.socket:
    listener = _bound(socket.AF_UNIX, socket.SOCK_STREAM, address)
    listener.listen()
    return listener


def _listening_in(folder: Path) -> socket.socket:
    """At `socket` in a folder, whose path may be longer than the 108 bytes of an address."""
    if sys.platform != "linux":
        return _listening(str(folder / "socket"))
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        return _listening(f"/proc/self/fd/{descriptor}/socket")
    finally:
        os.close(descriptor)


def _was_reached(listener: socket.socket) -> bool:
    listener.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        if listener.type == socket.SOCK_DGRAM:
            return bool(listener.recv(16))
        listener.accept()[0].close()
        return True
    return False
