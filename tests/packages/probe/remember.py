"""Goes on from what a lost attempt has left."""

from __future__ import annotations

import os
import signal

from studio.component import Report, component, context


@component(title="Remember", category="Probe")
def remember(*, losses: int = 1, tag: str = "") -> Report:
    """Be killed a number of times, and count it in the folder that stays."""
    assert context.kept is not None
    file = context.kept / "attempts"
    attempts = int(file.read_text()) + 1 if file.exists() else 1
    file.write_text(str(attempts))
    if attempts <= losses:
        os.kill(os.getpid(), signal.SIGKILL)
    (context.scratch / "used").touch()
    return Report({"metrics": {"attempts": attempts, "folder": str(context.kept)}})
