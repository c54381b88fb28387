"""A step in an interpreter of its own: `python -m studio.host.spawned … PIPE MEMORY`.

ENTRY ID FOLDER LOG PIPE MEMORY; memory in bytes, 0: no limit.
"""

from __future__ import annotations

import importlib
import sys

from studio.host.monitor import run_monitored
from studio.host.protocol import Launch


def main() -> None:
    entry, id, folder, log, pipe, memory = sys.argv[1:]
    module, _, name = entry.partition(":")
    call = getattr(importlib.import_module(module), name)
    run_monitored(
        lambda: call(folder, int(pipe)), Launch(id, folder, memory=int(memory) or None), int(log)
    )


if __name__ == "__main__":
    main()
