"""A process that reads the specs of component files: paths in on stdin, JSON out on stdout."""

from __future__ import annotations

import json
import os
import sys
import traceback
from pathlib import Path

from studio.inspector import stubs
from studio.loader import digest_component, load_component
from studio.signature import describe
from studio.spec import BrokenComponent, ComponentSpec


def main() -> None:
    output = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a component file prints must not mix with our answer
    files = [Path(line) for line in json.load(sys.stdin)]
    stubs.install()
    for file in files:
        entry = read_component(file)
        output.write(entry.model_dump_json() + "\n")
        output.flush()


def read_component(file: Path) -> ComponentSpec | BrokenComponent:
    """Import one file and describe its component; any failure is told with its line."""
    package = file.parent.name
    try:
        function = load_component(file)
        return describe(function, package=package, file=str(file), digest=digest_component(file))
    except SyntaxError as error:
        line, column = error.lineno, error.offset
        message = f"{error.msg}."
    except BaseException as error:  # a file may raise anything, SystemExit too
        line, column = _line_in(file, error), None
        message = f"{type(error).__name__}: {error}"
    return BrokenComponent(
        file=str(file), package=package, message=message, line=line, column=column
    )


def _line_in(file: Path, error: BaseException) -> int | None:
    """The last line of this file that the error passed through."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == str(file)]
    return lines[-1] if lines else None


if __name__ == "__main__":
    main()
