"""Trying brought code on tables without rows while a pipeline is drawn: only code that may run."""

from __future__ import annotations

import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from studio.errors import ConflictError, UnavailableError
from studio.inspector.trial import Columns, try_without_rows
from studio.packages.environments import Environments
from studio.packages.shelf import is_intact
from studio.packages.trust import Trust
from studio.sandbox.keeper import SandboxKeeper
from studio.spec import ComponentSpec


class Trials:
    """One at a time: nobody who draws shall take the machine from the steps of a run."""

    def __init__(self, trust: Trust, environments: Environments, sandbox: SandboxKeeper) -> None:
        self._trust, self._environments, self._sandbox = trust, environments, sandbox
        self._lock = threading.Lock()

    def columns(
        self,
        spec: ComponentSpec,
        parameters: Mapping[str, Any],
        inputs: Mapping[str, Sequence[Columns]],
    ) -> dict[str, Columns | None]:
        """The columns of each output table. Raises StudioError where this code may not run now."""
        # What is found is shown to everybody, so in a team one's own code waits for its approval.
        problem = self._trust.package_problem(spec, person="")
        if problem is not None:
            raise ConflictError(problem.message, hint=problem.hint, code=problem.code)
        if not is_intact(Path(spec.file).parent, spec.digest):
            raise ConflictError("The files of the package were changed.", code="package.tampered")
        if not self._sandbox.may_run():
            raise UnavailableError("The sandbox is being looked at.")
        interpreter = Path(sys.executable)
        if spec.environment is not None:
            self._environments.check(spec.environment)
            interpreter = self._environments.python(spec.environment)
        with self._lock:
            return try_without_rows(spec, parameters, inputs, interpreter)
