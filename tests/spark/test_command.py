"""The command line and the environment of the server, looked at without starting it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from studio.errors import UnavailableError
from studio.spark.command import cache_path, find_java, java_command, java_environment


def fake_java(folder: Path, release: str) -> Path:
    java = folder / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.touch()
    (folder / "release").write_text(release)
    return java


def test_the_java_that_came_with_the_studio_is_used_whatever_is_on_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    java = fake_java(tmp_path, 'JAVA_VERSION="21.0.1"\n')
    monkeypatch.delenv("STUDIO_JAVA", raising=False)
    monkeypatch.setenv("PATH", str(java.parent))
    assert find_java().path != java
    assert find_java().version >= 25


def test_studio_java_overrides_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    java = fake_java(tmp_path, 'IMPLEMENTOR="x"\nJAVA_VERSION="21.0.1"\n')
    monkeypatch.setenv("STUDIO_JAVA", str(java))
    assert (find_java().path, find_java().version) == (java, 21)


def test_a_java_without_the_newest_options_is_not_given_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUDIO_JAVA", str(fake_java(tmp_path, 'JAVA_VERSION="17.0.9"\n')))
    command = java_command(tmp_path, port=1, cores=1, memory="1g")
    assert not [flag for flag in command if flag.startswith("--sun-misc-unsafe")]


@pytest.mark.parametrize("release", ['JAVA_VERSION="11.0.2"\n', 'JAVA_VERSION="1.8.0"\n', ""])
def test_a_java_that_is_too_old_is_refused(
    release: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUDIO_JAVA", str(fake_java(tmp_path, release)))
    with pytest.raises(UnavailableError, match="needs Java 17 or later") as caught:
        find_java()
    assert "STUDIO_JAVA" in str(caught.value.hint)


def test_a_java_that_is_not_there_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUDIO_JAVA", str(tmp_path / "bin" / "java"))
    with pytest.raises(UnavailableError, match="no Java runtime"):
        find_java()


def test_the_server_sees_nothing_of_our_environment_but_what_it_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "ours")
    monkeypatch.setenv("PYTHONPATH", "ours")
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", "ours")
    environment = java_environment(tmp_path, "the-token")
    assert "ours" not in environment.values()
    assert environment["PYSPARK_PYTHON"] == sys.executable
    assert environment["SPARK_CONNECT_AUTHENTICATE_TOKEN"] == "the-token"


def test_the_jars_are_spelled_out_in_order(tmp_path: Path) -> None:
    command = java_command(tmp_path, port=1, cores=1, memory="1g")
    jars = command[command.index("-cp") + 1].split(":")
    assert len(jars) > 100
    assert jars == sorted(jars)
    assert all(Path(jar).is_file() for jar in jars)


def test_another_java_has_another_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = cache_path(tmp_path)
    assert cache_path(tmp_path) == ours
    monkeypatch.setenv("STUDIO_JAVA", str(fake_java(tmp_path, 'JAVA_VERSION="25.0.9"\n')))
    assert cache_path(tmp_path) != ours


def test_the_runner_side_imports_no_spark() -> None:
    heavy = "{'pyspark', 'pandas', 'numpy', 'pyarrow', 'grpc'}"
    code = (
        "import sys; import studio.spark.server, studio.spark.session, studio.spark.aot;"
        f"studio.spark.command.java_command(studio.spark.server.Path('/'), port=1, cores=1,"
        f" memory='1g'); print({heavy} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"
