"""Make the AOT cache that lets the Spark server start three times faster.

Run as `python -m studio.spark.aot FOLDER`, in the background: it takes a minute of one core.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path

from studio.errors import StudioError, UnavailableError, say
from studio.spark.command import (
    FIRST_JAVA_WITH_AOT,
    cache_check_command,
    cache_path,
    find_java,
)
from studio.spark.server import SparkEndpoint, SparkServer
from studio.spark.session import connect

__all__ = ["build_cache", "cache_path", "why_unusable"]

_START_SECONDS = 180
_WRITE_SECONDS = 600  # 25 s on an idle machine; the niceness makes it any number on a busy one


def build_cache(folder: Path) -> Path:
    """Make the cache for servers of `folder`, unless it is there; the caches that it replaces go.

    Errors: UnavailableError when this Java has no AOT cache, or the cache could not be made.
    """
    folder = folder.absolute()
    cache = cache_path(folder)
    if cache.exists():
        return cache
    if find_java().version < FIRST_JAVA_WITH_AOT:
        raise _not_made(f"Only Java {FIRST_JAVA_WITH_AOT} and later can make one.")
    cache.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="build-", dir=cache.parent) as scratch:
        made = _record(Path(scratch))
        reason = why_unusable(made)
        if reason is not None:
            raise _not_made(reason)
        made.replace(cache)
    for other in cache.parent.glob("*.aot"):
        if other != cache:
            other.unlink(missing_ok=True)
    return cache


def why_unusable(cache: Path) -> str | None:
    """What Java says against this cache, or None when it takes it."""
    check = subprocess.run(cache_check_command(cache), capture_output=True, text=True, check=False)
    return (check.stdout + check.stderr).strip() if check.returncode else None


def _record(scratch: Path) -> Path:
    """Let a throw-away server answer typical queries; it writes the cache while it ends."""
    made = scratch / "cache"
    server = SparkServer(scratch, cores=2, jvm_options=[f"-XX:AOTCacheOutput={made}"])
    server.start()
    try:
        _run_typical_queries(server.ready(_START_SECONDS), scratch)
        server.stop(grace=_WRITE_SECONDS)
    finally:
        server.stop(grace=0)
    if not made.exists():
        raise _not_made(server.log.read_text(encoding="utf-8", errors="replace")[-2000:])
    return made


def _run_typical_queries(endpoint: SparkEndpoint, scratch: Path) -> None:
    from pyspark.sql import functions as f

    session = connect(endpoint.remote, endpoint.token, str(uuid.uuid4()), "aot")
    path = (scratch / "rows").as_uri()
    rows = session.range(10_000).select(
        "id", (f.col("id") % 10).alias("key"), f.rand(1).alias("value"), f.lit("a,b").alias("text")
    )
    rows.write.parquet(path)
    table = session.read.parquet(path)
    table.createOrReplaceTempView("rows")
    table.count()
    table.groupBy("key").agg(f.sum("value"), f.countDistinct("id")).orderBy("key").toArrow()
    session.sql("SELECT a.id, b.value FROM rows a JOIN rows b ON a.id = b.id LIMIT 5").toArrow()
    session.createDataFrame(table.limit(100).toPandas()).select(f.split("text", ",")).collect()
    session.stop()


def _not_made(reason: str) -> UnavailableError:
    return UnavailableError(
        say("The AOT cache for Spark could not be made: {reason}", reason=reason),
        hint="Spark works without it; it only starts more slowly.",
        code="spark.aot",
    )


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("usage: python -m studio.spark.aot FOLDER", file=sys.stderr)
        return 2
    os.nice(19)
    try:
        print(build_cache(Path(arguments[0])))
    except StudioError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
