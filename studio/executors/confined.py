"""A step in a sandbox: the worker's side is lent to an interpreter that may have none of it."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

from studio.executors.base import StepLaunch
from studio.sandbox.confinement import Confinement
from studio.sandbox.installation import PACKAGE
from studio.sandbox.launch import Confined, start

_BOOTSTRAP = PACKAGE / "worker" / "bootstrap.py"

# What the worker's side imports beside the standard library. An environment's own come first.
LENT = (
    "pydantic",
    "pydantic_core",
    "annotated_types",
    "typing_extensions",
    "typing_inspection",
    "pyarrow",
)


def start_confined(launch: StepLaunch, confinement: Confinement, log: int, pipe: int) -> Confined:
    """Start the step of `launch`. Raises StudioError where there is no sandbox."""
    lent = lent_libraries()
    confinement = replace(
        confinement,
        read_only=[*confinement.read_only, *lent.values()],
        work=launch.folder,
        environment={**confinement.environment, **launch.environment},
    )
    libraries = [f"{name}={path}" for name, path in lent.items()]
    python = [str(confinement.interpreter), "-I", "-B", str(_BOOTSTRAP)]
    tag = str(sys.implementation.cache_tag)
    command = [*python, str(launch.folder), str(pipe), tag, *libraries]
    return start(confinement, command, log, keep=[pipe])


@cache
def lent_libraries() -> dict[str, Path]:
    """Each lent library by name: its folder, or its file when it is one; found, not imported."""
    found = {name: importlib.util.find_spec(name) for name in LENT}
    origins = {name: Path(spec.origin) for name, spec in found.items() if spec and spec.origin}
    return {
        name: origin.parent if origin.name == "__init__.py" else origin
        for name, origin in origins.items()
    }
