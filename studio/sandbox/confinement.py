"""What a confined process may see, reach and use, as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Network = Literal["off", "loopback"]
"""off: no internet socket at all. loopback: one of its own, ours is not there."""

_MIB = 1 << 20
_GIB = 1 << 30


@dataclass(frozen=True)
class Limits:
    """For the whole process tree; `file_size` and `cpu_seconds` also hold for each process.

    memory, file_size, scratch, output, log: bytes. scratch: what `/tmp` holds. output: what the
    work folder holds. log: what is kept of the printed text; more is dropped, and said so.
    """

    cpu_seconds: int = 24 * 3600
    memory: int = 4 * _GIB
    processes: int = 512
    file_size: int = 16 * _GIB
    scratch: int = 2 * _GIB
    output: int = 64 * _GIB
    log: int = 10 * _MIB


@dataclass(frozen=True)
class Confinement:
    """Where a command runs: nothing but the paths named here exists for it.

    interpreter: a `python`; the installation that it belongs to can be read.
    read_only: code, environments, inputs; each keeps its path.
    work: the one folder that can be written, beside `/tmp`; None: there is none.
    kept: one more, for what shall outlive a command that is lost.
    devices: device files beside the harmless ones, such as a GPU's; each keeps its path.
    hosts: each `host:port` that it reaches, by an HTTP proxy on its own loopback, and nothing else.
    private_hosts: those among them whose addresses need not be public.
    environment: all of the environment variables, beside HOME, TMPDIR, PATH, LANG and the proxy's.
    """

    interpreter: Path
    read_only: Sequence[Path] = ()
    work: Path | None = None
    kept: Path | None = None
    devices: Sequence[Path] = ()
    network: Network = "off"
    hosts: Sequence[str] = ()
    private_hosts: Sequence[str] = ()
    limits: Limits = field(default_factory=Limits)
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def needs_loopback(self) -> bool:
        return self.network == "loopback" or bool(self.hosts)


@dataclass(frozen=True)
class Contact:
    """A `host:port` that a command asked for. refused: why it was; None: it was reached."""

    host: str
    refused: str | None = None


@dataclass(frozen=True)
class Ended:
    """How a confined command ended; nothing of its process tree is left.

    status: exit code, or minus the signal. reason: the limit that ended it ("memory",
    "processes", "cpu", "output", "disk"), or "sandbox": it could not be confined and never began;
    `error` then says why. peak_memory: bytes. contacts: what it asked of the network, each once.
    """

    status: int
    reason: str | None = None
    error: str | None = None
    peak_memory: int | None = None
    contacts: tuple[Contact, ...] = ()
