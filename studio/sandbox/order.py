"""What the init of a sandbox is told: plain data, for an interpreter with nothing but its own."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

STATUS_ERROR = 125  # the init's own exit code when it could not do its work


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
    group: int | None = None
    egress: int | None = None
    egress_port: int = 0

    def dump(self) -> str:
        return json.dumps(asdict(self))

    @staticmethod
    def load(text: str) -> InitOrder:
        return InitOrder(**json.loads(text))
