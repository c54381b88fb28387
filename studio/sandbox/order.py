"""What the init of a sandbox is told and what it answers, as bytes that need no library."""

from __future__ import annotations

import marshal
from dataclasses import asdict, dataclass

from studio.sandbox.confinement import Ended


@dataclass
class InitOrder:
    """Descriptors: status takes one JSON line at the end; control ends the sandbox when it closes;
    group, where there is one, is the `cgroup.procs` to join.

    own_namespace: the process tree and the mounts are the sandbox's own (bubblewrap).
    egress: where a listening socket at `egress_port` is sent to, if there is a proxy.
    """

    command: list[str]
    environment: dict[str, str]
    folder: str
    read: list[str]
    work: str | None
    kept: str | None
    network: str
    cpu_seconds: int
    memory: int
    processes: int
    file_size: int
    scratch: int
    output: int
    log: int
    own_namespace: bool
    status: int
    control: int
    keep: list[int]
    devices: list[str]
    group: int | None = None
    egress: int | None = None
    egress_port: int = 0

    def dump(self) -> bytes:
        """For an interpreter of the same version: reading it imports nothing."""
        return marshal.dumps(asdict(self))


def read_ended(answer: bytes) -> Ended:
    """Four lines of the init: exit code, peak of memory, limit or nothing, error or nothing."""
    status, peak, reason, error = answer.decode(errors="replace").split("\n", 3)
    return Ended(int(status), reason or None, error or None, int(peak))
