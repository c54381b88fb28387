"""What a hostile component would try, tried from inside the sandbox: `attacks.py` as a program.

Targets come as one JSON object on stdin; for each attack that is asked for, its name and how it
went are answered as one JSON object: "allowed", or why it failed. Only the standard library.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Targets = dict[str, Any]
_FILE, _MEMORY = 48 << 20, 512 << 20


def _read_key(targets: Targets) -> object:
    return Path(targets["key"]).read_text()


def _read_folder(targets: Targets) -> object:
    return next(Path(targets["folder"]).iterdir()).read_text()


def _write_folder(targets: Targets) -> object:
    return Path(targets["folder"], "planted").write_text("x")


def _write_input(targets: Targets) -> object:
    return Path(targets["input"]).write_text("changed")


def _write_interpreter(_: Targets) -> object:
    folders = [Path(sys.prefix), Path(sys.base_prefix), Path(os.__file__).parent]
    return _any_of([lambda f=f: (f / "planted.pth").write_text("x") for f in folders])  # type: ignore[misc]


def _any_of(attempts: list[Callable[[], object]]) -> object:
    """The first that works; else the last error."""
    error: Exception = OSError("nothing was tried")
    for attempt in attempts:
        try:
            return attempt()
        except OSError as raised:
            error = raised
    raise error


def _tcp(targets: Targets) -> object:
    return socket.create_connection(("127.0.0.1", targets["tcp"]), 2)


def _udp(targets: Targets) -> object:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        return sender.sendto(b"x", ("127.0.0.1", targets["udp"]))


def _abstract_socket(targets: Targets) -> object:
    return _connect("\0" + targets["abstract"])


def _path_socket(targets: Targets) -> object:
    os.chdir(targets["socket"])  # its whole path may be too long for an address
    return _connect("socket")


def _connect(address: str) -> socket.socket:
    client = socket.socket(socket.AF_UNIX)
    client.connect(address)
    return client


def _signal(targets: Targets) -> None:
    os.kill(targets["pid"], signal.SIGTERM)


def _ptrace(targets: Targets) -> object:
    return _libc("ptrace", 16, targets["pid"], 0, 0)


def _environ(targets: Targets) -> object:
    return Path(f"/proc/{targets['pid']}/environ").read_bytes()


def _user_namespace(_: Targets) -> object:
    return _in_child(lambda: _libc("unshare", 0x10000000))


def _io_uring(_: Targets) -> object:
    return _syscall(425, 1, ctypes.byref((ctypes.c_char * 120)()))


def _keyctl(_: Targets) -> object:
    number = 250 if os.uname().machine == "x86_64" else 219
    return _syscall(number, 0, -3, 1)


def _af_alg(_: Targets) -> object:
    return socket.socket(38, socket.SOCK_SEQPACKET)


def _mount(targets: Targets) -> object:
    work = targets["work"].encode()
    return _in_child(lambda: _libc("mount", b"none", work, b"tmpfs", 0, None))


def _symlink(targets: Targets) -> None:
    Path(targets["work"], "link").symlink_to("/etc/passwd")


def _fifo(targets: Targets) -> None:
    os.mkfifo(f"{targets['work']}/fifo")


def _large_file(targets: Targets) -> object:
    return Path(targets["work"], "large").write_bytes(bytes(_FILE))


def _memory(_: Targets) -> object:
    return len(bytearray(b"x") * _MEMORY)


def _forks(targets: Targets) -> None:
    for _ in range(targets["forks"]):
        if os.fork() == 0:
            time.sleep(5)
            os._exit(0)
    time.sleep(0.5)


def _daemon(targets: Targets) -> None:
    """A process in a session of its own, whose parents have ended, that writes until it dies."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for count in range(1000):
                Path(targets["work"], "heartbeat").write_text(str(count))
                time.sleep(0.01)
        os._exit(0)
    time.sleep(0.1)


def _see_processes(targets: Targets) -> object:
    seen = {path.name: path for path in Path("/proc").iterdir()}
    return seen[str(targets["pid"])]


def _libc(name: str, *arguments: object) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    result: int = getattr(libc, name)(*arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def _syscall(number: int, *arguments: object) -> int:
    return _libc("syscall", ctypes.c_long(number), *arguments)


def _in_child(attack: Callable[[], object]) -> object:
    """Try it in a child, which it might change for good."""
    pid = os.fork()
    if pid == 0:
        try:
            attack()
            os._exit(0)
        except OSError as error:
            os._exit(error.errno or errno.EPERM)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if code:
        raise OSError(code, os.strerror(code))
    return code


ATTACKS: dict[str, Callable[[Targets], object]] = {
    "read_key": _read_key,
    "read_folder": _read_folder,
    "write_folder": _write_folder,
    "write_input": _write_input,
    "write_interpreter": _write_interpreter,
    "tcp": _tcp,
    "udp": _udp,
    "abstract_socket": _abstract_socket,
    "path_socket": _path_socket,
    "signal": _signal,
    "ptrace": _ptrace,
    "environ": _environ,
    "user_namespace": _user_namespace,
    "io_uring": _io_uring,
    "keyctl": _keyctl,
    "af_alg": _af_alg,
    "mount": _mount,
    "symlink": _symlink,
    "fifo": _fifo,
    "large_file": _large_file,
    "memory": _memory,
    "forks": _forks,
    "daemon": _daemon,
    "see_processes": _see_processes,
}


def main() -> None:
    targets = json.load(sys.stdin)
    answers = {}
    for name in targets["attacks"]:
        try:
            ATTACKS[name](targets)
            answers[name] = "allowed"
        except Exception as error:
            answers[name] = f"{type(error).__name__}: {error}"
    print(json.dumps(answers), flush=True)


if __name__ == "__main__":
    main()
