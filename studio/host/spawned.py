"""A step in an interpreter of its own: `python -m studio.host.spawned ENTRY ID FOLDER LOG PIPE`."""

from __future__ import annotations

import importlib
import sys

from studio.host.monitor import run_monitored
from studio.host.protocol import Launch


def main() -> None:
    entry, id, folder, log, pipe = sys.argv[1:]
    module, _, name = entry.partition(":")
    call = getattr(importlib.import_module(module), name)
    run_monitored(lambda: call(folder, int(pipe)), Launch(id, folder), int(log))


if __name__ == "__main__":
    main()
