"""Libraries of packages: locked with hashes, built from wheels only, shared, checked, repaired.

These ask the package registry that uv is configured for.
"""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.database.audit import Actor
from studio.database.engine import Database, migrate, open_database
from studio.database.packages import PackageVersionRecord, get_version
from studio.errors import StudioError
from studio.inspector import SourceReader
from studio.packages.archive import Files
from studio.packages.environments import Environments, find_environment
from studio.packages.metadata import RequirementError, read_about
from studio.packages.removal import remove_package
from studio.packages.shelf import PackageShelf

pytestmark = pytest.mark.slow

SOURCE = "import pyarrow\ndef {0}(table: pyarrow.Table) -> pyarrow.Table:\n    return table\n"


def package(name: str, requirement: str) -> Files:
    script = f"# /// script\n# dependencies = [{requirement!r}]\n# ///\n"
    return {f"{name}.py": (script + SOURCE.format(name)).encode()}


class Bench:
    """A home with its database, shelf and environments."""

    def __init__(self, home: Path, sources: SourceReader, wheelhouse: Path | None = None) -> None:
        self.database: Database = open_database(f"sqlite:///{home / 'studio.db'}")
        migrate(self.database)
        self.shelf = PackageShelf(home, self.database, sources.read)
        self.home = home
        self.environments = Environments(home, self.database, wheelhouse)

    def add(self, name: str, files: Files) -> PackageVersionRecord:
        record, _ = self.shelf.add(files, name, {}, actor=Actor("ann"))
        return record

    def built(self, name: str, requirement: str) -> str:
        record = self.add(name, package(name, requirement))
        environment = self.environments.build(record)
        assert environment is not None
        assert environment.digest is not None
        with self.database.read() as connection:
            assert get_version(connection, name).environment == environment.digest
        return environment.digest

    def numpy_of(self, digest: str) -> str:
        code = "import numpy, pydantic, pyarrow; print(numpy.__version__)"
        python = str(self.environments.python(digest))
        return subprocess.run([python, "-c", code], capture_output=True, text=True).stdout.strip()


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    reader = SourceReader()
    bench = Bench(tmp_path_factory.mktemp("home"), reader)
    yield bench
    reader.stop()
    bench.database.close()


def test_two_packages_have_two_versions_of_one_library(bench: Bench) -> None:
    old, new = bench.built("old", "numpy==1.26.4"), bench.built("new", "numpy>=2,<3")
    assert bench.numpy_of(old) == "1.26.4"
    assert bench.numpy_of(new).startswith("2.")
    for digest in (old, new):
        bench.environments.check(digest)


def test_what_is_asked_for_alike_is_built_once(bench: Bench) -> None:
    first = bench.built("old", "numpy==1.26.4")
    folder = bench.environments.folder(first)
    before = folder.stat().st_ino
    assert bench.built("older", "numpy==1.26.4") == first
    assert folder.stat().st_ino == before


def test_nothing_in_an_environment_can_be_written(bench: Bench) -> None:
    folder = bench.environments.folder(bench.built("old", "numpy==1.26.4"))
    writable = [
        path
        for path in [folder, *folder.rglob("*")]
        if not path.is_symlink() and path.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP)
    ]
    assert writable == []


@pytest.mark.parametrize("kind", [".pth", "changed module", "mode", "link"])
def test_an_environment_that_was_touched_is_refused(bench: Bench, kind: str) -> None:
    digest = bench.built("old", "numpy==1.26.4")
    packages = next(bench.environments.folder(digest).glob("lib/python*/site-packages"))
    module = packages / "pydantic" / "version.py"
    text, times = module.read_text(), module.stat()
    for folder in (packages, module.parent):
        folder.chmod(0o755)
    if kind == ".pth":
        (packages / "evil.pth").write_text("import os; os.system('true')")
    elif kind == "changed module":
        module.chmod(0o644)
        module.write_text(text.replace("VERSION", "VERSIOM", 1))
        module.chmod(0o444)
        os.utime(module, ns=(times.st_atime_ns, times.st_mtime_ns))
    elif kind == "mode":
        module.chmod(0o666)
    else:
        module.rename(module.with_name("was"))
        module.symlink_to(module.with_name("was"))
    with pytest.raises(StudioError) as caught:
        bench.environments.check(digest)
    assert caught.value.code == "environment.tampered"
    (packages / "evil.pth").unlink(missing_ok=True)
    module.with_name("was").unlink(missing_ok=True)
    module.unlink()
    module.write_text(text)
    module.chmod(times.st_mode & 0o777)
    bench.environments.check(digest)


def test_an_environment_is_repaired_from_its_lock(bench: Bench) -> None:
    record = bench.add("words", package("words", "typing-extensions==4.12.2"))
    made = bench.environments.build(record)
    assert made is not None
    assert made.digest is not None
    packages = next(bench.environments.folder(made.digest).glob("lib/python*/site-packages"))
    packages.chmod(0o755)
    (packages / "evil.pth").write_text("import os")
    with bench.database.read() as connection:
        record = get_version(connection, "words")
    bench.environments.repair(record)
    bench.environments.wait(record, 120)
    bench.environments.check(made.digest)
    assert not (packages / "evil.pth").exists()


def test_an_environment_that_nobody_needs_is_removed(bench: Bench) -> None:
    kept = bench.built("old", "numpy==1.26.4")
    gone = bench.built("passing", "typing-extensions==4.13.2")
    assert bench.environments.collect_garbage() == []
    remove_package(bench.database, bench.shelf, "passing", Actor("ann"))
    assert bench.environments.collect_garbage() == [gone]
    assert not bench.environments.folder(gone).exists()
    bench.environments.check(kept)
    with pytest.raises(StudioError) as caught:
        bench.environments.check(gone)
    assert caught.value.code == "environment.missing"


@pytest.mark.parametrize(
    "requirement", ["no-such-distribution-of-anybody-1x==1", "numpy==0.0.1", "numpy==1.26.4,>2"]
)
def test_what_cannot_be_installed_says_why(bench: Bench, requirement: str) -> None:
    record = bench.add("missing", package("missing", requirement))
    with pytest.raises(StudioError, match="cannot be installed"):
        bench.environments.build(record)
    with bench.database.read() as connection:
        found = find_environment(connection, record)
    assert found is not None
    assert (found.state, "cannot be installed" in (found.message or "")) == ("failed", True)


def test_a_build_hook_is_never_run(bench: Bench, tmp_path: Path) -> None:
    """The project's own hooks are not looked at, and a library without a wheel is refused."""
    canary = tmp_path / "canary"
    hook = f"open({str(canary)!r}, 'w')\n"
    files = package("hostile", "typing-extensions") | {
        "pyproject.toml": b"[build-system]\nrequires = []\nbuild-backend = 'hook'\n"
        b"backend-path = ['.']\n[project]\nname = 'hostile'\nversion = '1'\n",
        "hook.py": hook.encode(),
        "setup.py": hook.encode(),
    }
    assert bench.environments.build(bench.add("hostile", files)) is not None
    house = tmp_path / "house"
    house.mkdir()
    with zipfile.ZipFile(house / "evil_library-1.0.zip", "w") as archive:
        archive.writestr("evil_library-1.0/setup.py", hook)
    inside = Environments(bench.home, bench.database, house)
    record = bench.add("sdist", package("sdist", "evil-library==1.0"))
    with pytest.raises(StudioError, match="cannot be installed"):
        inside.build(record)
    assert not canary.exists()


def test_a_wheelhouse_is_enough_without_a_network(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = tmp_path / "house"
    record = bench.add("offline", package("offline", "numpy==1.26.4"))
    with bench.database.read() as connection:
        found = find_environment(connection, record)
    lock = tmp_path / "lock.txt"
    environment = found or bench.environments.build(record)
    assert environment is not None
    assert environment.lock is not None
    lock.write_text(environment.lock)
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps"]
    subprocess.run([*command, "-d", str(house), "-r", str(lock)], check=True, timeout=300)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "empty"))
    reader = SourceReader()
    other = Bench(tmp_path, reader, house)
    digest = other.built("offline", "numpy==1.26.4")
    assert other.numpy_of(digest) == "1.26.4"
    reader.stop()
    other.database.close()


REFUSED = [
    "x @ https://example.com/x.whl",
    "x @ file:///etc",
    "-r other.txt",
    "--index-url https://example.com",
    "-e .",
    "./local",
    "git+https://example.com/x",
    "x; import os",
    "x==1\n--extra-index-url=y",
]


@pytest.mark.parametrize("text", REFUSED)
def test_a_requirement_is_a_name_with_versions_and_nothing_else(text: str) -> None:
    project = f"[project]\ndependencies = [{text!r}]".encode()
    with pytest.raises(RequirementError):
        read_about({"pyproject.toml": project})
    if "\n" not in text:
        with pytest.raises(RequirementError):
            read_about({"requirements.txt": text.encode()})


def test_requirements_are_gathered_from_all_three_places() -> None:
    about = read_about(
        {
            "pyproject.toml": b"[project]\nname='x'\nversion='2'\nlicense='MIT'\n"
            b"authors=[{name='Ann'}]\ndependencies=['pandas>=2 ; python_version > \"3.9\"']",
            "requirements.txt": b"# libraries\nnumpy>=1.26,<2  # old\n\nscikit-learn[extra]~=1.5\n",
            "a.py": b"# /// script\n# requires-python = '>=3.11'\n# dependencies = [\n"
            b"#   'httpx',\n# ]\n# ///\nimport httpx\n",
        }
    )
    assert about.requirements == (
        "httpx",
        "numpy>=1.26,<2",
        'pandas>=2 ; python_version > "3.9"',
        "scikit-learn[extra]~=1.5",
    )
    assert (about.declared_version, about.licence, about.author) == ("2", "MIT", "Ann")
