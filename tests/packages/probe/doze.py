"""Takes its time."""

from __future__ import annotations

import os
import time

from studio.component import ComponentError, Report, component


@component(title="Doze", category="Probe")
def doze(*, seconds: float = 0.2, fails_once: str = "") -> Report:
    """Wait, then give what it waited. fails_once: a folder; it fails the first time."""
    time.sleep(seconds)
    if fails_once:
        try:
            os.mkdir(os.path.join(fails_once, "failed"))
        except FileExistsError:
            return Report({"value": seconds})
        raise ComponentError("Not yet.")
    return Report({"value": seconds})
