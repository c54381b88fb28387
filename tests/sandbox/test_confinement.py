"""A confined process: what it sees, what it may do, and how all of it ends."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from studio.sandbox import init
from studio.sandbox.cgroup import make_group, remove_group
from studio.sandbox.confinement import Confinement, Limits, Network
from studio.sandbox.installation import PACKAGE, bare_interpreter
from studio.sandbox.launch import Completed, Confined, find_mechanism, run, start

pytestmark = pytest.mark.skipif(
    find_mechanism() != "bubblewrap", reason="bubblewrap does not work on this machine"
)

MIB = 1 << 20


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


def run_python(code: str, timeout: float = 20, **confinement: object) -> Completed:
    interpreter = Path(sys.executable)
    parts = Confinement(interpreter, **confinement)  # type: ignore[arg-type]
    return run(parts, [str(interpreter), "-I", "-c", code], timeout=timeout)


def start_python(code: str, **confinement: object) -> Confined:
    interpreter = Path(sys.executable)
    parts = Confinement(interpreter, **confinement)  # type: ignore[arg-type]
    with tempfile.TemporaryFile() as log:
        return start(parts, [str(interpreter), "-I", "-c", code], log.fileno())


def test_a_command_answers_on_its_output_and_tells_on_its_log(work: Path) -> None:
    code = "import sys; print(sys.stdin.read()[::-1]); print('said', file=sys.stderr)"
    done = run(
        Confinement(Path(sys.executable)),
        [sys.executable, "-I", "-c", code],
        input=b"abc",
        timeout=20,
    )
    assert (done.ended.status, done.ended.reason) == (0, None)
    assert done.output == b"cba\n"
    assert done.log == "said\n"


def test_only_what_is_named_is_there(work: Path, tmp_path: Path) -> None:
    secret, given = tmp_path / "secret", tmp_path / "given"
    secret.write_text("canary")
    given.write_text("for you")
    code = (
        f"import os; print(os.path.exists({str(secret)!r}), open({str(given)!r}).read(),"
        f" sorted(os.listdir({str(tmp_path)!r})), os.path.exists('/etc/shadow'), os.listdir('/'))"
    )
    output = run_python(code, work=work, read_only=[given]).output.decode()
    assert output.startswith("False for you ['given', 'work'] False")
    assert "home" not in output


def test_inputs_and_installations_are_read_only_and_the_work_folder_is_not(work: Path) -> None:
    given = work / "input"
    given.write_text("before")
    code = f"""
import sys
open('mine', 'w').write('x')
for path in [{str(given)!r}, sys.prefix + '/planted', sys.base_prefix + '/lib/planted', '/planted']:
    try:
        open(path, 'w'); print('wrote', path)
    except OSError as error:
        print(error.strerror)
"""
    done = run_python(code, work=work, read_only=[given])
    assert "wrote" not in done.output.decode()
    assert len(done.output.decode().splitlines()) == 4
    assert (work / "mine").read_text() == "x"
    assert given.read_text() == "before"


def test_it_has_no_environment_but_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDIO_SECRET", "canary")
    done = run_python("import os; print(dict(os.environ))", environment={"MINE": "1"})
    assert b"canary" not in done.output
    assert b"'MINE': '1'" in done.output


def test_it_has_no_capability_and_cannot_gain_one() -> None:
    done = run_python("print(open('/proc/self/status').read())")
    lines = dict(line.split(":", 1) for line in done.output.decode().splitlines() if ":" in line)
    assert int(lines["CapEff"], 16) == int(lines["CapBnd"], 16) == 0
    assert lines["NoNewPrivs"].strip() == "1"
    assert lines["Seccomp"].strip() == "2"


@pytest.mark.parametrize(("network", "expected"), [("off", "97"), ("loopback", "ok")])
def test_it_has_a_network_of_its_own_or_none(network: Network, expected: str) -> None:
    code = """
import socket
try:
    server = socket.create_server(('127.0.0.1', 0))
    socket.create_connection(server.getsockname())
    print('ok')
except OSError as error:
    print(error.errno)
"""
    assert run_python(code, network=network).output.decode().strip() == expected


def test_our_network_is_not_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as ours:
        code = f"import socket; socket.create_connection({ours.getsockname()!r}, 2)"
        assert "refused" in run_python(code, network="loopback").log


ENDINGS = {
    "exit": ("raise SystemExit(3)", 3),
    "vanish": ("import os; os._exit(0)", 0),
    "kill": ("import os; os.kill(os.getpid(), 9)", -9),
    "segfault": ("import ctypes; ctypes.string_at(0)", -11),
    "abort": ("import os; os.abort()", -6),
}


@pytest.mark.parametrize("way", ENDINGS)
def test_each_ending_is_told_as_it_was(way: str) -> None:
    code, status = ENDINGS[way]
    assert run_python(code).ended.status == status


FORK_BOMB = """
import os
while True:
    try:
        os.fork()
    except OSError:
        pass
"""
FILL_DISK = """
import time
for n in range(40):
    open(f'f{n}', 'wb').write(b'x' * (1 << 20))
time.sleep(9)
"""
LIMITS = {
    "memory": ("x = bytearray(1 << 30); print(len(x))", Limits(memory=200 * MIB)),
    "processes": (FORK_BOMB, Limits(processes=64)),
    "cpu": ("while True: pass", Limits(cpu_seconds=1)),
    "output": (FILL_DISK, Limits(output=16 * MIB)),
}


@pytest.mark.parametrize("limit", LIMITS)
def test_what_passes_a_limit_is_ended_and_the_limit_is_named(limit: str, work: Path) -> None:
    code, limits = LIMITS[limit]
    began = time.monotonic()
    ended = run_python(code, work=work, limits=limits).ended
    assert ended.reason == limit
    assert time.monotonic() - began < 15


@pytest.mark.slow
def test_a_fork_bomb_stays_within_its_limit_on_a_busy_machine() -> None:
    """Root's processes are not counted by RLIMIT_NPROC, and the init comes late on such a day."""
    if (group := make_group(1)) is None:
        pytest.skip("the studio may not make groups of processes here")
    remove_group(group)
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(8)]
    try:
        with ThreadPoolExecutor() as threads:
            bomb = threads.submit(run_python, FORK_BOMB, limits=Limits(processes=64))
            most = 0
            while not bomb.done():
                most = max(most, len(psutil.Process().children(recursive=True)))
                time.sleep(0.01)
        assert bomb.result().ended.reason == "processes"
        assert most - len(loops) <= 64 + 16 + 4
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def test_memory_that_forked_processes_share_is_counted_once() -> None:
    code = """
import os, time
x = bytearray(150 << 20)
children = [os.fork() for _ in range(2)]
time.sleep(1)
print('fine')
"""
    ended = run_python(code, limits=Limits(memory=400 * MIB)).ended
    assert (ended.status, ended.reason) == (0, None)
    assert ended.peak_memory is not None
    assert 150 * MIB < ended.peak_memory < 400 * MIB


def test_a_file_cannot_pass_its_limit_not_even_a_sparse_one(work: Path) -> None:
    code = """
import os
for size in (8 << 20, 1 << 40):
    try:
        os.truncate(os.open('f', os.O_CREAT | os.O_RDWR), size)
    except OSError as error:
        print(error.errno)
"""
    done = run_python(code, work=work, limits=Limits(file_size=4 * MIB))
    assert done.output.split() == [b"27", b"27"]


def test_scratch_is_bounded() -> None:
    code = "open('/tmp/x', 'wb').write(b'x' * (64 << 20))"
    done = run_python(code, limits=Limits(scratch=16 * MIB))
    assert "No space left" in done.log


def test_what_is_printed_beyond_the_limit_is_dropped_and_does_not_block(work: Path) -> None:
    log = work / "log"
    code = "import sys\nfor _ in range(64): sys.stdout.write('x' * (1 << 20))"
    with log.open("wb") as file:
        process = start(
            Confinement(Path(sys.executable), limits=Limits(log=MIB)),
            [sys.executable, "-I", "-c", code],
            file.fileno(),
        )
        assert process.wait(30).status == 0
    assert MIB < log.stat().st_size < MIB + 200
    assert log.read_bytes().endswith(b"[the log is full: what follows was dropped]\n")


def test_a_daemon_dies_with_its_command() -> None:
    code = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(600)
    os._exit(0)
time.sleep(0.2)
"""
    process = start_python(code)
    root = psutil.Process(process.pid)
    seen: set[psutil.Process] = set()
    while process.poll() is None:
        seen |= {child for child in _children(root) if child.pid not in {p.pid for p in seen}}
        time.sleep(0.01)
    assert len(seen) >= 3  # the init, the command, the daemon
    assert not [child for child in seen if child.is_running()]


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def test_one_that_ignores_the_request_to_end_is_killed() -> None:
    code = "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(600)"
    process = start_python(code)
    time.sleep(0.5)
    process.terminate()
    time.sleep(0.3)
    assert process.poll() is None
    process.kill()
    assert process.wait(5).status == -9


def test_a_request_to_end_can_be_heeded() -> None:
    code = "import signal, time; signal.signal(15, lambda *_: exit(7)); time.sleep(600)"
    process = start_python(code)
    time.sleep(0.5)
    process.terminate()
    assert process.wait(5).status == 7


def test_it_does_not_die_with_the_thread_that_asked_for_it() -> None:
    started: list[Confined] = []
    code = "import time; time.sleep(1)"
    thread = threading.Thread(target=lambda: started.append(start_python(code)))
    thread.start()
    thread.join()
    assert started[0].wait(10).status == 0


def test_it_dies_with_the_studio(tmp_path: Path) -> None:
    program = f"""
import os, sys, time
sys.path.insert(0, {os.getcwd()!r})
from tests.sandbox.test_confinement import start_python
process = start_python("import time; time.sleep(600)")
time.sleep(0.5)
print(process.pid, flush=True)
time.sleep(600)
"""
    studio = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    assert studio.stdout is not None
    root = psutil.Process(int(studio.stdout.readline()))
    tree = [root, *_children(root)]
    assert len(tree) == 3
    studio.kill()
    studio.communicate()
    _, alive = psutil.wait_procs(tree, timeout=5)
    assert not alive


def test_what_cannot_be_confined_never_begins() -> None:
    done = run(Confinement(Path(sys.executable)), ["/no/such/program"], timeout=10)
    assert done.ended.reason == "sandbox"
    assert "No such file" in (done.ended.error or "")


def test_the_first_process_imports_nothing_that_a_step_would_wait_for() -> None:
    """Each of these is milliseconds of every step."""
    program = f"import sys; sys.path.insert(0, {str(PACKAGE.parent)!r}); import {init.__name__}"
    slow = ("typing", "dataclasses", "json", "re", "socket", "traceback", "platform", "pathlib")
    check = f"; print([name for name in {slow!r} if name in sys.modules])"
    command = [str(bare_interpreter()), "-I", "-S", "-B", "-c", program + check]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "[]\n"
