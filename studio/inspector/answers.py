"""The program of an inspector's child: answers questions about artifacts, datasets and schemas."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any

from studio.errors import StudioError
from studio.inspector.datasets import read_dataset
from studio.inspector.previews import preview
from studio.inspector.rows import rows
from studio.inspector.schemas import schemas
from studio.inspector.statistics import statistics

FUNCTIONS: dict[str, Callable[..., Any]] = {
    "preview": preview,
    "rows": rows,
    "statistics": statistics,
    "read_dataset": read_dataset,
    "schemas": schemas,
}


def main() -> None:
    """One JSON request a line on stdin, one JSON answer a line on stdout, until stdin ends."""
    output = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints must not mix with our answers
    for line in sys.stdin:
        output.write(json.dumps(answer(json.loads(line))) + "\n")
        output.flush()


def answer(request: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"value": FUNCTIONS[request["function"]](**request["arguments"])}
    except StudioError as error:
        return {"problem": error.problems()[0].to_json()}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


if __name__ == "__main__":
    main()
