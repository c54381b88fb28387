"""One environment for each lock: resolved and built by uv from wheels only, then never changed.

What a package asks for becomes a lock with hashes; environments are shared by all that lead to
the same lock. No build hook of anything is ever run: only wheels are taken. uv is the one process
that uses the network, and it runs no code of a package.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection

from studio.artifacts import digest_json
from studio.database.engine import Database
from studio.database.environments import (
    EnvironmentRecord,
    find_lock,
    find_request,
    put_request,
    set_environment_state,
    used_locks,
)
from studio.database.packages import PackageVersionRecord, set_environment
from studio.errors import StudioError, say
from studio.packages.trees import digest_environment, mark_environment

# What the worker needs beside a package's own libraries, and what each type of table needs.
_WORKER = ("pydantic>=2.11", "pyarrow>=17", "numpy")
_LIBRARIES = {
    "pandas.DataFrame": "pandas>=2,<3",
    "polars.DataFrame": "polars",
    "ibis.Table": "ibis-framework[duckdb]",
}
# Later ones demand NumPy 2 when they are imported, which their metadata does not say.
_ARROW_OF_NUMPY_1 = "pyarrow<25"
_SECONDS = 1200
_KEPT = ("PATH", "HOME", "LANG", "SSL_CERT_FILE", "SSL_CERT_DIR", "TMPDIR", "XDG_CACHE_HOME")
_PREFIXES = ("UV_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY")


class EnvironmentFault(StudioError):
    status = 409
    code = "environment.failed"
    title = "The libraries of a package are not there"


class Environments:
    """Thread-safe; processes that share a home take turns by a lock file."""

    def __init__(self, home: Path, database: Database, wheelhouse: Path | None = None) -> None:
        self.root = home / "environments"
        self._database = database
        self._wheelhouse = wheelhouse
        self._threads: dict[str, threading.Thread] = {}
        self._marks: dict[str, str] = {}
        self._lock = threading.Lock()

    def folder(self, digest: str) -> Path:
        return self.root / digest

    def python(self, digest: str) -> Path:
        """The interpreter that sees the libraries of this lock, and no others."""
        return self.folder(digest) / "bin" / "python"

    def prepare(self, record: PackageVersionRecord) -> None:
        """Have the environment of a version built in the background, if it asks for any."""
        if not record.about["requirements"]:
            return
        request = _request_of(record)
        with self._lock:
            running = self._threads.get(request)
            if running is None or not running.is_alive():
                thread = threading.Thread(target=self._try_build, args=(record,), daemon=True)
                self._threads[request] = thread
                thread.start()

    def wait(self, record: PackageVersionRecord, seconds: float) -> None:
        """Wait for what `prepare` began."""
        thread = self._threads.get(_request_of(record))
        if thread is not None:
            thread.join(seconds)

    def build(self, record: PackageVersionRecord) -> EnvironmentRecord | None:
        """Lock and build what a version asks for; None: nothing. Raises when it cannot be."""
        if not record.about["requirements"]:
            return None
        request, asked = _request_of(record), _asked(record)
        with self._alone(request):
            with self._database.begin() as connection:
                known = find_request(connection, request)
                if known is None or known.lock is None:
                    put_request(connection, request, asked)
            try:
                lock = known.lock if known and known.lock else self._resolve(asked)
                digest = _lock_digest(lock)
                with self._database.begin() as connection:
                    set_environment_state(connection, request, "building", lock=lock, digest=digest)
                    set_environment(connection, record.digest, digest)
                tree, size = self._install(digest, lock)
            except EnvironmentFault as error:
                self._fail(request, error.message)
                raise
            with self._database.begin() as connection:
                set_environment_state(
                    connection, request, "ready", tree=tree, size=size, message=None
                )
                return find_request(connection, request)

    def check(self, digest: str) -> None:
        """Raises unless the environment is there and as it was built.

        Every byte is read at the first look of a process, marks of time and size afterwards.
        """
        with self._database.read() as connection:
            record = find_lock(connection, digest)
        if record is None or record.state != "ready":
            raise EnvironmentFault(
                "The libraries of this package are not there yet.",
                hint=(record and record.message) or "Wait until they are, or repair them.",
                code="environment.not_ready",
            )
        folder = self.folder(digest)
        if not folder.is_dir():
            raise _gone(digest)
        mark = mark_environment(folder)
        if self._marks.get(digest) != mark:
            if digest_environment(folder)[0] != record.tree:
                raise EnvironmentFault(
                    say(
                        "Environment {digest}… was changed on disk after it was built.",
                        digest=digest[:12],
                    ),
                    hint="Repair it: it is removed and built anew from its lock.",
                    code="environment.tampered",
                )
            self._marks[digest] = mark

    def repair(self, record: PackageVersionRecord) -> None:
        """Remove the environment of a version and build it anew, from the same lock."""
        if record.environment is not None:
            with self._alone(record.environment):
                _remove(self.folder(record.environment))
        self.prepare(record)

    def collect_garbage(self) -> list[str]:
        """Remove the environments that no package version runs with; gives their digests."""
        if not self.root.is_dir():
            return []
        with self._database.read() as connection:
            used = used_locks(connection)
        gone = [path for path in self.root.iterdir() if len(path.name) == 64]
        removed = [path for path in gone if path.name not in used]
        for path in removed:
            with self._alone(path.name):
                _remove(path)
        return sorted(path.name for path in removed)

    def _try_build(self, record: PackageVersionRecord) -> None:
        try:
            self.build(record)
        except EnvironmentFault:
            pass  # its row says why
        except Exception as error:
            self._fail(_request_of(record), f"{type(error).__name__}: {error}")

    def _fail(self, request: str, message: str) -> None:
        with self._database.begin() as connection:
            set_environment_state(connection, request, "failed", message=message[-4000:])

    def _resolve(self, asked: Sequence[str]) -> str:
        """Exact versions with hashes for what is asked; wheels for this interpreter only."""
        command = ["pip", "compile", "--generate-hashes", "--no-header", "--no-annotate", "-"]
        lock = self._uv(command, "\n".join(asked))
        if re.search(r"^numpy==1\.", lock, re.MULTILINE):
            lock = self._uv(command, "\n".join([*asked, _ARROW_OF_NUMPY_1]))
        return lock

    def _install(self, digest: str, lock: str) -> tuple[str, int]:
        """Build into a folder beside, then move it into place; one that is there is kept."""
        target = self.folder(digest)
        if not target.is_dir():
            temporary = self.root / f".new-{digest}"
            _remove(temporary)
            self._uv(["venv", "--quiet", "--python", sys.executable, str(temporary)])
            file = self.root / f".{digest}.txt"
            file.write_text(lock, encoding="utf-8")
            options = ["--require-hashes", "--link-mode", "copy", "--compile-bytecode"]
            where = ["--python", str(temporary / "bin" / "python")]
            self._uv(["pip", "sync", "--quiet", *options, *where, str(file)])
            file.unlink()
            _make_read_only(temporary)
            temporary.rename(target)
        return digest_environment(target)

    def _uv(self, command: Sequence[str], text: str = "") -> str:
        binaries = [] if command[0] == "venv" else ["--only-binary", ":all:"]
        if self._wheelhouse is not None and command[0] != "venv":
            binaries += ["--no-index", "--find-links", str(self._wheelhouse)]
        done = subprocess.run(
            [uv_program(), "--no-config", "--no-progress", *command, *binaries],
            input=text,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
            cwd=self.root,  # no project of anybody is found from here
            env=_environment(),
        )
        if done.returncode != 0:
            raise EnvironmentFault(
                say("The libraries cannot be installed: {stderr}", stderr=_why(done.stderr)),
                hint="Only wheels are taken. Check names and versions, then upload again.",
            )
        return done.stdout

    @contextmanager
    def _alone(self, name: str) -> Iterator[None]:
        """One builder for each name, over all processes."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / f".{name}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def find_environment(
    connection: Connection, record: PackageVersionRecord
) -> EnvironmentRecord | None:
    """What became of the environment that a version asks for."""
    return find_request(connection, _request_of(record))


def uv_program() -> str:
    """uv, beside this interpreter or on the path."""
    beside = Path(sys.executable).parent / "uv"
    found = str(beside) if beside.is_file() else shutil.which("uv")
    if found is None:
        raise EnvironmentFault("uv is not installed.", hint="pip install uv")
    return found


def _asked(record: PackageVersionRecord) -> list[str]:
    """What is installed: the package's own requirements, the worker's, and its tables'."""
    receives = {
        port.receives for spec in record.components for port in (*spec.inputs, *spec.outputs)
    }
    tables = [library for name, library in _LIBRARIES.items() if name in receives]
    return sorted({*record.about["requirements"], *_WORKER, *tables})


def _request_of(record: PackageVersionRecord) -> str:
    platform = sysconfig.get_platform()
    return digest_json([_asked(record), platform, sys.version_info[:3]])


def _lock_digest(lock: str) -> str:
    return digest_json([lock, sysconfig.get_platform(), sys.version_info[:3]])


def _environment() -> dict[str, str]:
    """Only what uv needs: no secret of ours, no path of Python's."""
    kept = {name: value for name, value in os.environ.items() if name in _KEPT}
    more = {k: v for k, v in os.environ.items() if k.upper().startswith(_PREFIXES)}
    return kept | more


def _why(text: str) -> str:
    lines = [line.strip(" ×╰─▶│") for line in text.splitlines() if line.strip()]
    return " ".join(lines)[:1500] or "uv gave no reason."


def _gone(digest: str) -> EnvironmentFault:
    return EnvironmentFault(
        say("Environment {digest}… is not on this machine.", digest=digest[:12]),
        hint="Repair it: it is built anew from its lock.",
        code="environment.missing",
    )


def _make_read_only(folder: Path) -> None:
    for path in _everything(folder):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode & ~0o222)


def _remove(folder: Path) -> None:
    """Remove a read-only tree."""
    if not folder.exists():
        return
    for path in _everything(folder):
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)
    shutil.rmtree(folder)


def _everything(folder: Path) -> Iterable[Path]:
    return [folder, *folder.rglob("*")]
