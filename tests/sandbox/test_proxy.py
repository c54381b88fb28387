"""The way out of a sandbox: named hosts at public addresses, and nothing by any trick."""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from studio.errors import UnavailableError
from studio.sandbox import launch
from studio.sandbox.addresses import why_not_public
from studio.sandbox.confinement import Confinement, Contact
from studio.sandbox.launch import Completed, find_mechanism
from studio.sandbox.proxy import Proxy, ProxyOrder

NOT_PUBLIC = [
    "127.0.0.1", "127.1.2.3", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1",
    "169.254.169.254", "198.18.0.1", "192.0.2.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
    "::1", "::", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "fe80::1",
    "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "2001:db8::1",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2001:0:7f00:1::1",
    "100::1", "nonsense",
]  # fmt: skip
PUBLIC = ["1.1.1.1", "93.184.215.14", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_that_is_not_public_is_known_in_every_dress(address: str) -> None:
    assert why_not_public(address) is not None


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_one(address: str) -> None:
    assert why_not_public(address) is None


class Service(ThreadingHTTPServer):
    """A server on our loopback that keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.asked: list[tuple[str, str, bytes]] = []

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_port}"


class _Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Service

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append((self.path, self.headers["Host"], body))
        away = self.path.startswith("/away?")
        self.send_response(302 if away else 200)
        if away:
            self.send_header("Location", self.path.partition("?")[2])
        answer = f"{self.command} {self.path}".encode()
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = _answer

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


class Out:
    """A proxy in this process. names: what each resolves to; each look at it takes the next."""

    def __init__(self, hosts: list[str], private: list[str], names: dict[str, list[list[str]]]):
        self.told: list[tuple[str, str | None]] = []
        self._names = names
        self.looked = 0
        order = ProxyOrder(hosts, private, connections=4, traffic=1 << 20)
        proxy = Proxy(order, lambda *told: self.told.append(told), self._find)
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=proxy.serve, args=(self._listener,), daemon=True).start()

    def _find(self, host: str, port: int) -> list[str]:
        self.looked += 1
        answers = self._names.get(host, [[host]])
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def send(self, request: bytes) -> bytes:
        with socket.create_connection(self._listener.getsockname(), 10) as client:
            client.sendall(request)
            client.shutdown(socket.SHUT_WR) if request.startswith(b"CONNECT") else None
            return b"".join(iter(lambda: client.recv(1 << 16), b""))

    @property
    def refused(self) -> list[str]:
        return [f"{host} {why}" for host, why in self.told if why is not None]


def get(url: str, *headers: str) -> bytes:
    lines = [f"GET {url} HTTP/1.1", "Host: elsewhere", *headers]
    return "\r\n".join([*lines, "", ""]).encode()


def test_a_named_host_is_reached_by_a_plain_request_and_by_a_tunnel(service: Service) -> None:
    out = Out([service.host], [service.host], {})
    plain = out.send(get(f"http://{service.host}/a?b=c", "Proxy-Authorization: secret"))
    assert plain.startswith(b"HTTP/1.1 200")
    assert plain.endswith(b"GET /a?b=c")
    inner = b"GET /t HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
    tunnel = out.send(f"CONNECT {service.host} HTTP/1.1\r\n\r\n".encode() + inner)
    assert tunnel.startswith(b"HTTP/1.1 200 Connected")
    assert tunnel.endswith(b"GET /t")
    assert service.asked == [("/a?b=c", service.host, b""), ("/t", "h", b"")]
    assert out.refused == []


def test_a_body_is_passed_on_and_a_second_request_behind_it_is_not(service: Service) -> None:
    """What follows on the connection may be meant for another host."""
    out = Out([service.host], [service.host], {})
    head = f"POST http://{service.host}/p HTTP/1.1\r\nContent-Length: 3\r\n\r\n"
    out.send(head.encode() + b"abc" + get("http://other.example/secret"))
    assert service.asked == [("/p", service.host, b"abc")]


# What a hostile step asks for -> words of the refusal. HERE is a server that must not be reached.
CORPUS = {
    "another host": ("http://other.example/", "not among"),
    "another port": ("http://127.0.0.1:1/", "not among"),
    "metadata": ("http://169.254.169.254/latest/meta-data/", "not among"),
    "decimal": ("http://2130706433:PORT/", "plain notation"),
    "octal": ("http://0177.0.0.1:PORT/", "plain notation"),
    "hexadecimal": ("http://0x7f.0.0.1:PORT/", "plain notation"),
    "short": ("http://127.1:PORT/", "plain notation"),
    "zero": ("http://0.0.0.0:PORT/", "not among"),
    "mapped": ("http://[::ffff:127.0.0.1]:PORT/", "plain notation"),
    "IPv6": ("http://[::1]:PORT/", "not among"),
    "a user's name": ("http://good.example@127.0.0.1:PORT/", "no http:// address"),
    "a back slash": ("http://good.example\\@127.0.0.1:PORT/", "no http:// address"),
    "a fragment": ("http://127.0.0.1:PORT#@good.example/", "no http:// address"),
    "a dot behind": ("http://127.0.0.1.:PORT/", "plain notation"),
    "another scheme": ("file:///etc/passwd", "no http:// address"),
    "gopher": ("gopher://127.0.0.1:PORT/", "no http:// address"),
    "no host": ("/", "no http:// address"),
    "a private name": ("http://private.example/", "10.0.0.5: a private"),
    "a name of our loopback": ("http://loop.example:PORT/", "127.0.0.1: this machine"),
    "a name with one bad address": ("http://mixed.example/", "169.254.169.254: a link-local"),
    "a mapped answer": ("http://mapped.example:PORT/", "::ffff:127.0.0.1: this machine"),
    "a translated answer": ("http://nat64.example/", "64:ff9b::7f00:1: this machine"),
}
NAMES = {
    "private.example": [["10.0.0.5"]],
    "loop.example": [["127.0.0.1"]],
    "mixed.example": [["1.1.1.1", "169.254.169.254"]],
    "mapped.example": [["::ffff:127.0.0.1"]],
    "nat64.example": [["64:ff9b::7f00:1"]],
}


@pytest.mark.parametrize("way", CORPUS)
@pytest.mark.parametrize("method", ["GET", "CONNECT"])
def test_no_trick_reaches_what_is_not_allowed(service: Service, way: str, method: str) -> None:
    port = str(service.server_port)
    url, words = CORPUS[way]
    listed = [f"{name}:{p}" for name in NAMES for p in (80, port)]
    out = Out(["good.example:80", *listed], [], dict(NAMES))
    url = url.replace("PORT", port)
    if method == "GET":
        answer = out.send(get(url))
    else:
        authority = url.partition("://")[2].partition("/")[0]
        authority += "" if authority.rpartition(":")[2].isdigit() else ":80"
        answer = out.send(f"CONNECT {authority} HTTP/1.1\r\n\r\n".encode())
        words = "" if words == "no http:// address" else words
    assert answer.split()[1] in (b"400", b"403")
    assert words in answer.decode()
    assert service.asked == []
    assert [reason for _, reason in out.told if reason is None] == []
    assert len(out.refused) == 1


BROKEN = {
    "nothing": b"\r\n\r\n",
    "no request": b"hello\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
    "a folded header": b"GET http://good.example/ HTTP/1.1\r\nA: b\r\n c\r\n\r\n",
    "a bare line feed": b"GET http://good.example/ HTTP/1.1\nHost: x\r\n\r\n",
    "two lengths": b"GET http://good.example/ HTTP/1.1\r\nContent-Length: 1\r\n"
    b"Content-Length: 2\r\n\r\n",
    "a length of words": b"GET http://good.example/ HTTP/1.1\r\nContent-Length: +1\r\n\r\n",
    "chunks": b"GET http://good.example/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
    "a head without end": b"GET http://good.example/ HTTP/1.1\r\n" + b"A: b\r\n" * 20000,
}


@pytest.mark.parametrize("way", BROKEN)
def test_a_request_that_is_none_is_refused_before_anything_is_looked_up(way: str) -> None:
    out = Out(["good.example:80"], ["good.example:80"], {})
    assert out.send(BROKEN[way]).split()[1] in (b"400", b"411")
    assert out.looked == 0


def test_a_name_that_changes_is_looked_up_once_and_that_address_is_used(service: Service) -> None:
    """Rebinding: had it looked again to connect, it would have come to our loopback."""
    name = f"rebind.example:{service.server_port}"
    out = Out([name], [], {"rebind.example": [["10.9.8.7"], ["127.0.0.1"]]})
    assert b"403" in out.send(get(f"http://{name}/"))
    assert (out.looked, service.asked) == (1, [])


def test_an_address_of_this_machine_is_refused_though_it_is_public(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.sandbox.proxy.why_not_public", lambda _: None)
    out = Out([service.host], [], {})
    assert b"is this machine" in out.send(get(f"http://{service.host}/"))
    assert service.asked == []


def test_more_bytes_than_allowed_are_not_moved_and_nothing_is_reached_after() -> None:
    with socket.create_server(("127.0.0.1", 0)) as sink:
        host = f"127.0.0.1:{sink.getsockname()[1]}"

        def pour() -> None:
            taken, _ = sink.accept()
            with taken, contextlib.suppress(OSError):
                taken.settimeout(10)
                taken.sendall(b"x" * (4 << 20))

        thread = threading.Thread(target=pour, daemon=True)
        thread.start()
        out = Out([host], [host], {})
        got = out.send(f"CONNECT {host} HTTP/1.1\r\n\r\n".encode())
        assert 0 < len(got) <= (1 << 20) + 100
        assert b"as many bytes as it may" in out.send(get(f"http://{host}/"))


# From here on through the real launch path.

confined = pytest.mark.skipif(
    find_mechanism() != "bubblewrap", reason="bubblewrap does not work on this machine"
)


def run_python(code: str, hosts: list[str], private: list[str]) -> Completed:
    confinement = Confinement(Path(sys.executable), hosts=hosts, private_hosts=private)
    return launch.run(confinement, [sys.executable, "-I", "-c", code], timeout=30)


def fetch(url: str) -> str:
    return f"""
import urllib.request
try:
    print(urllib.request.urlopen({url!r}, timeout=10).read())
except Exception as error:
    print(error)
"""


@confined
def test_a_confined_command_reaches_its_hosts_by_the_environment(service: Service) -> None:
    done = run_python(fetch(f"http://{service.host}/x"), [service.host], [service.host])
    assert done.output == b"b'GET /x'\n"
    assert done.ended.contacts == (Contact(service.host),)


@confined
def test_a_refusal_is_told_to_the_command_the_log_and_the_studio(service: Service) -> None:
    done = run_python(fetch("http://other.example/x"), [service.host], [])
    host, reason = "other.example:80", "is not among the hosts that the component names"
    assert done.output.decode().strip() == f"HTTP Error 403: {host} {reason}"
    assert done.log == f"network refused: {host} {reason}\n"
    assert done.ended.contacts == (Contact(host, reason),)
    assert service.asked == []


@confined
def test_a_redirect_is_asked_for_anew_and_refused(service: Service) -> None:
    url = f"http://{service.host}/away?http://169.254.169.254/latest/"
    done = run_python(fetch(url), [service.host], [service.host])
    assert "169.254.169.254:80 is not among the hosts" in done.output.decode()
    assert [path for path, _, _ in service.asked] == [url.partition(service.host)[2]]


@confined
def test_a_host_of_ours_must_be_allowed_by_whoever_runs_the_studio(service: Service) -> None:
    done = run_python(fetch(f"http://{service.host}/"), [service.host], [])
    assert "this machine, which is not allowed" in done.output.decode()
    assert service.asked == []


@confined
def test_there_is_no_way_but_the_proxy(service: Service) -> None:
    code = f"""
import socket
port = {service.server_port}
for address in [("127.0.0.1", port), ("1.1.1.1", 443), ("::1", port)]:
    try:
        socket.create_connection(address, 2); print("reached", address)
    except OSError as error:
        print(type(error).__name__)
print(sorted(name for _, name in socket.if_nameindex()))
"""
    done = run_python(code, [service.host], [service.host])
    assert "reached" not in done.output.decode()
    assert done.output.decode().splitlines()[-1] == "['lo']"


@confined
def test_the_proxy_ends_with_the_command(service: Service) -> None:
    import psutil

    before = {child.pid for child in psutil.Process().children()}
    run_python("pass", [service.host], [])
    assert {child.pid for child in psutil.Process().children()} <= before


@pytest.mark.parametrize("mechanism", ["landlock", "seatbelt"])
def test_where_the_list_cannot_be_held_nothing_is_started(
    mechanism: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "find_mechanism", lambda: mechanism)
    with pytest.raises(UnavailableError) as raised:
        run_python("print('ran')", ["good.example:443"], [])
    assert raised.value.code == "sandbox.network"
