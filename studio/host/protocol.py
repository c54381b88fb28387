"""The messages between a host and its owner, over a socket pair that keeps message bounds."""

from __future__ import annotations

import json
import socket
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

_MAX_BYTES = 1 << 18


@dataclass(frozen=True)
class Launch:
    """Start a step in its folder; two descriptors travel along: its log, and its pipe.

    memory: bytes that its processes may have of their own, together; None: as many as there are.
    """

    id: str
    folder: str
    environment: dict[str, str] = field(default_factory=dict)
    memory: int | None = None


@dataclass(frozen=True)
class Ready:
    """The host has imported everything and can fork."""

    seconds: float


@dataclass(frozen=True)
class Started:
    id: str
    pid: int


@dataclass(frozen=True)
class Refused:
    """The host cannot fork safely; its owner starts the step another way."""

    id: str
    reason: str


@dataclass(frozen=True)
class Exited:
    """`status`: exit code, or minus the signal. `peak_memory`: bytes of its largest process."""

    id: str
    status: int
    peak_memory: int


Message = Launch | Ready | Started | Refused | Exited
_TYPES: dict[str, type[Message]] = {
    cls.__name__: cls for cls in (Launch, Ready, Started, Refused, Exited)
}


def send(connection: socket.socket, message: Message, descriptors: Sequence[int] = ()) -> None:
    document = {"type": type(message).__name__, **asdict(message)}
    socket.send_fds(connection, [json.dumps(document).encode()], list(descriptors))


def receive(connection: socket.socket) -> tuple[Message | None, list[int]]:
    """The next message with its descriptors; None: the other end has gone."""
    content, descriptors, _, _ = socket.recv_fds(connection, _MAX_BYTES, 2)
    if not content:
        return None, []
    document: dict[str, Any] = json.loads(content)
    return _TYPES[document.pop("type")](**document), descriptors
