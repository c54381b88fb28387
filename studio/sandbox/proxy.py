"""The one way out of a sandbox: an HTTP proxy outside of it that reaches named hosts only.

`main` is a process beside the sandbox, with a bare interpreter and the standard library. The
socket on which it listens was made inside the sandbox and handed out, so it hears nobody else. A
name is resolved once, what it resolves to is checked, and that address is connected to: a name
that changes gains nothing. What is not in the list in its plain notation is not reached.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import resource
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from http import HTTPStatus

from studio.destination import Destination, parse_destination
from studio.sandbox.addresses import resolve, why_not_public
from studio.sandbox.confine import drop_capabilities

_HEAD_BYTES = 64 << 10
_CHUNK = 1 << 16
_HEAD_SECONDS, _CONNECT_SECONDS, _IDLE_SECONDS = 30.0, 10.0, 300.0
_MAX_TOLD = 100
_REQUEST = re.compile(rb"([A-Z]{1,20}) ([!-~]{1,8000}) HTTP/1\.[01]")
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):([\t -~\x80-\xff]*)")
_HTTP_URL = re.compile(r"http://([^/?#@\\]+)([/?][^#]*)?", re.IGNORECASE)
# Those that hold between two neighbours only; a request is the last one of its connection.
_OF_ONE_HOP = {
    b"connection", b"proxy-connection", b"keep-alive", b"te", b"trailer", b"upgrade", b"host",
    b"proxy-authorization",
}  # fmt: skip


@dataclass(frozen=True)
class ProxyOrder:
    """hosts: what may be reached, as `Destination` writes itself. private: those among them that
    may be addresses which are not public. connections: at once. traffic: bytes, all together."""

    hosts: list[str]
    private: list[str]
    connections: int
    traffic: int

    def dump(self) -> str:
        return json.dumps(asdict(self))


class Refused(Exception):
    """An answer of the proxy itself. told: whether it goes into the step's log as a refusal."""

    def __init__(self, status: int, host: str, reason: str, *, told: bool = True) -> None:
        super().__init__(reason)
        self.status, self.host, self.reason, self.told = status, _plain(host), reason, told

    def answer(self) -> bytes:
        reason = _plain(f"{self.host} {self.reason}")
        head = f"HTTP/1.1 {self.status} {reason}\r\nConnection: close\r\n"
        body = f"{HTTPStatus(self.status).phrase}: {reason}\n".encode()
        return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


class Proxy:
    """tell: called with a host and why it was refused, None when it was reached."""

    def __init__(
        self,
        order: ProxyOrder,
        tell: Callable[[str, str | None], None],
        find: Callable[[str, int], list[str]] = resolve,
    ) -> None:
        self._order = order
        self._tell = tell
        self._find = find
        self._room = threading.Semaphore(order.connections)
        self._lock = threading.Lock()
        self._moved = 0

    def serve(self, listener: socket.socket) -> None:
        """For ever; when there is no room, the next ones wait."""
        while True:
            self._room.acquire()
            client, _ = listener.accept()
            threading.Thread(target=self._handle, args=(client,), daemon=True).start()

    def _handle(self, client: socket.socket) -> None:
        try:
            with client, contextlib.suppress(OSError):
                client.settimeout(_HEAD_SECONDS)
                try:
                    self._talk(client)
                except Refused as refused:
                    if refused.told:
                        self._tell(refused.host, refused.reason)
                    client.sendall(refused.answer())
        finally:
            self._room.release()

    def _talk(self, client: socket.socket) -> None:
        head, rest = _read_head(client)
        request, *headers = head.split(b"\r\n")
        matched = _REQUEST.fullmatch(request)
        if matched is None or not all(map(_HEADER.fullmatch, headers)):
            raise Refused(400, "", "this is no HTTP request")
        method, target = matched[1].decode(), matched[2].decode()
        if method == "CONNECT":
            with self._connect(_destination(target, None)) as server:
                client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
                server.sendall(rest)
                self._join(client, server, None)
        else:
            self._forward(client, method, target, headers, rest)

    def _forward(
        self, client: socket.socket, method: str, target: str, headers: list[bytes], rest: bytes
    ) -> None:
        """One plain request and its answer: the next one may be for another host."""
        url = _HTTP_URL.fullmatch(target)
        if url is None:
            raise Refused(403, target, "is no http:// address; https goes by CONNECT")
        destination = _destination(url[1], 80)
        path = url[2] or "/"
        path = path if path.startswith("/") else f"/{path}"
        length, kept = _length_and_headers(headers)
        with self._connect(destination) as server:
            head = [f"{method} {path} HTTP/1.1".encode(), b"Host: " + url[1].encode(), *kept]
            server.sendall(b"\r\n".join([*head, b"Connection: close", b"", b""]) + rest[:length])
            self._join(client, server, max(length - len(rest), 0))

    def _connect(self, destination: Destination) -> socket.socket:
        host = str(destination)
        if host not in self._order.hosts:
            raise Refused(403, host, "is not among the hosts that the component names")
        if self._moved >= self._order.traffic:
            raise Refused(403, host, "is refused: the step has moved as many bytes as it may")
        try:
            addresses = self._find(destination.host, destination.port)
        except OSError:
            raise Refused(502, host, "has no address", told=False) from None
        if host not in self._order.private:
            for address in addresses:
                _check_public(host, address)
        server = _open(addresses, destination)
        if host not in self._order.private and server.getsockname()[0] == server.getpeername()[0]:
            server.close()
            raise Refused(403, host, "is this machine, which is not allowed")
        self._tell(host, None)
        return server

    def _join(self, client: socket.socket, server: socket.socket, length: int | None) -> None:
        """Pass bytes both ways until the server has no more. length: of what the client sends."""
        for end in (client, server):
            end.settimeout(_IDLE_SECONDS / 10)
        last = [time.monotonic()]
        up = threading.Thread(target=self._pump, args=(client, server, length, last), daemon=True)
        up.start()
        self._pump(server, client, None, last)
        for end in (client, server):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        up.join()

    def _pump(
        self, source: socket.socket, target: socket.socket, length: int | None, last: list[float]
    ) -> None:
        with contextlib.suppress(OSError):
            while length is None or length > 0:
                try:
                    chunk = source.recv(_CHUNK if length is None else min(_CHUNK, length))
                except TimeoutError:
                    if time.monotonic() - last[0] > _IDLE_SECONDS:
                        return
                    continue
                if not chunk:
                    break
                if not self._may_move(len(chunk)):
                    return
                last[0] = time.monotonic()
                length = None if length is None else length - len(chunk)
                target.sendall(chunk)
            if length is None:
                target.shutdown(socket.SHUT_WR)

    def _may_move(self, size: int) -> bool:
        with self._lock:
            before, self._moved = self._moved, self._moved + size
        if before <= self._order.traffic < self._moved:
            self._tell("", f"no more than {self._order.traffic:,} bytes may be moved")
        return self._moved <= self._order.traffic


def _read_head(client: socket.socket) -> tuple[bytes, bytes]:
    """The head of a request and what came behind it."""
    content = b""
    while b"\r\n\r\n" not in content:
        chunk = client.recv(_CHUNK)
        content += chunk
        if not chunk or len(content) > _HEAD_BYTES:
            raise Refused(400, "", "this is no HTTP request", told=bool(content))
    head, _, rest = content.partition(b"\r\n\r\n")
    return head, rest


def _destination(text: str, port: int | None) -> Destination:
    try:
        return parse_destination(text, port)
    except ValueError:
        raise Refused(403, text, "is no host and port in plain notation") from None


def _length_and_headers(headers: list[bytes]) -> tuple[int, list[bytes]]:
    """How long the body is, and the headers that are passed on."""
    named = [(line.partition(b":")[0].lower(), line) for line in headers]
    if any(name == b"transfer-encoding" for name, _ in named):
        raise Refused(411, "", "a request needs a Content-Length", told=False)
    lengths = {line.partition(b":")[2].strip() for name, line in named if name == b"content-length"}
    if len(lengths) > 1 or not all(re.fullmatch(rb"[0-9]{1,15}", text) for text in lengths):
        raise Refused(400, "", "the Content-Length is no number")
    return int(next(iter(lengths), b"0")), [line for name, line in named if name not in _OF_ONE_HOP]


def _check_public(host: str, address: str) -> None:
    why = why_not_public(address)
    if why is not None:
        raise Refused(403, host, f"is {address}: {why}, which is not allowed")


def _open(addresses: list[str], destination: Destination) -> socket.socket:
    for address in addresses[:4]:
        with contextlib.suppress(OSError):
            return socket.create_connection((address, destination.port), _CONNECT_SECONDS)
    raise Refused(502, str(destination), "does not answer", told=False)


def _plain(text: str) -> str:
    """What a hostile request says, fit for a log and for a line of an answer."""
    return "".join(char if " " <= char <= "~" else "?" for char in text[:200]).strip()


class Teller:
    """Each contact once: a line for the step's log, and a line of JSON for the studio."""

    def __init__(self) -> None:
        self._told: set[tuple[str, str | None]] = set()
        self._lock = threading.Lock()

    def __call__(self, host: str, refused: str | None) -> None:
        with self._lock:
            if (host, refused) in self._told or len(self._told) >= _MAX_TOLD:
                return
            self._told.add((host, refused))
            if refused is not None:
                print(f"network refused: {host} {refused}".strip(), file=sys.stderr, flush=True)
            print(json.dumps({"host": host, "refused": refused}), flush=True)


def _end_with_owner() -> None:
    """Our stdin is a pipe of the studio's: it closes when the step is over, or the studio is."""
    os.read(0, 1)
    os._exit(0)


def main() -> None:
    """Arguments: the order, and the descriptor by which the listening socket comes."""
    order, link = ProxyOrder(**json.loads(sys.argv[1])), socket.socket(fileno=int(sys.argv[2]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))
    if sys.platform == "linux":
        drop_capabilities()
    threading.Thread(target=_end_with_owner, daemon=True).start()
    _, descriptors, _, _ = socket.recv_fds(link, 1, 1)
    link.close()
    if descriptors:
        Proxy(order, Teller()).serve(socket.socket(fileno=descriptors[0]))


if __name__ == "__main__":
    main()
