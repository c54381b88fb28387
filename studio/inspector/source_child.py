"""A warm process that reads uploaded source: one JSON request a line in, one answer a line out.

It runs nothing of what it reads. It may still fall over a file that was made to make a parser
fall, so it is small, limited, and replaced when that happens.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from typing import Any

from studio.inspector.syntax import read_syntax

_MEMORY = 2 << 30


def main() -> None:
    output = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    _limit()
    for line in sys.stdin:
        entries = _read(json.loads(line))
        output.write(json.dumps(entries) + "\n")
        output.flush()


def _limit() -> None:
    for kind, limit in (
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (limit, limit))


def _read(request: dict[str, Any]) -> list[dict[str, Any]]:
    request["siblings"] = set(request["siblings"])
    return [entry.model_dump(mode="json") for entry in read_syntax(**request)]


if __name__ == "__main__":
    main()
