"""A Spark Connect server that stands by itself: `python -m studio.spark --port 15002`.

For a container or a service manager: it becomes the Java process. The token that its clients need
comes from `STUDIO_SPARK_TOKEN`; it listens on loopback only.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import NoReturn

from studio.settings import load_settings
from studio.spark.command import cache_options, java_command, java_environment


def main(arguments: list[str]) -> NoReturn:
    parser = argparse.ArgumentParser(prog="python -m studio.spark", description=__doc__)
    parser.add_argument("--port", type=int, default=15002)
    parser.add_argument("--memory", default="1g", help="of the Java heap, as Java writes it: 2g")
    options = parser.parse_args(arguments)
    settings = load_settings()
    if not settings.spark_token:
        sys.exit("Set STUDIO_SPARK_TOKEN: without it anybody could connect.")
    folder = settings.home / "spark-server"
    (folder / "local").mkdir(parents=True, exist_ok=True, mode=0o700)
    _become(folder, settings.spark_token, settings.cpus, options.port, options.memory)


def _become(folder: Path, token: str, cores: int, port: int, memory: str) -> NoReturn:
    command = java_command(
        folder, port=port, cores=cores, memory=memory, options=cache_options(folder)
    )
    os.chdir(folder)
    os.execve(command[0], command, java_environment(folder, token))


if __name__ == "__main__":
    main(sys.argv[1:])
