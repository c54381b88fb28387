"""The studio's side of a sandbox's proxy: it is started before the command and ends with it."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import IO

from studio.destination import parse_destination
from studio.sandbox.confinement import Confinement, Contact
from studio.sandbox.installation import PACKAGE, bare_interpreter
from studio.sandbox.proxy import ProxyOrder

PROXY_PORT = 3128  # on the sandbox's own loopback, where nothing else is
_URL = f"http://127.0.0.1:{PROXY_PORT}"
_LOCAL = ("localhost", "127.0.0.1", "::1")
_START = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); import studio.sandbox.proxy as p; p.main()"
)
_CONNECTIONS = 32
_TRAFFIC = 16 << 30
_MOST_CONTACTS = 1 << 20  # bytes
_ENDING_SECONDS = 5.0

Spawn = Callable[..., "subprocess.Popen[bytes]"]


@dataclass
class Egress:
    """The proxy of one confined command. link: goes to the init, which sends the socket by it."""

    link: int
    _process: subprocess.Popen[bytes]
    _control: int | None
    _contacts: IO[bytes]

    def end(self) -> None:
        """Let it end at once; `stop` waits for that."""
        if self._control is not None:
            os.close(self._control)
            self._control = None

    def __del__(self) -> None:
        self.end()

    def stop(self) -> tuple[Contact, ...]:
        """Gives whom the command reached, and whom it was refused."""
        self.end()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_ENDING_SECONDS)
        self._process.kill()
        self._process.wait()
        with self._contacts:
            self._contacts.seek(0)
            lines = self._contacts.read(_MOST_CONTACTS).splitlines()
        return tuple(Contact(**json.loads(line)) for line in lines)


def start_egress(confinement: Confinement, log: int, spawn: Spawn) -> Egress:
    """Its refusals go to `log`. The caller closes `link` once the init has it."""
    order = ProxyOrder(
        list(confinement.hosts), list(confinement.private_hosts), _CONNECTIONS, _TRAFFIC
    )
    link, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    stdin, control = os.pipe()
    contacts = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `stop`
    root = str(PACKAGE.parent)
    python = [str(bare_interpreter()), "-I", "-S", "-B", "-c", _START, root]
    with theirs:
        try:
            process = spawn(
                [*python, order.dump(), str(theirs.fileno())],
                stdin=stdin,
                stdout=contacts,
                stderr=log,
                pass_fds=[theirs.fileno()],
                cwd="/",
                env={},
                start_new_session=True,
            )
        finally:
            os.close(stdin)
    return Egress(link.detach(), process, control, contacts)


def proxy_environment(hosts: Sequence[str]) -> dict[str, str]:
    """How programs are told of the proxy; the command's own servers are reached without it."""
    listed = {parse_destination(host).host for host in hosts}
    own = ",".join(name for name in _LOCAL if name not in listed)
    variables = {"http_proxy": _URL, "https_proxy": _URL, "all_proxy": _URL, "no_proxy": own}
    return variables | {name.upper(): value for name, value in variables.items()}
