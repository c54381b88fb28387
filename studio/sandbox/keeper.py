"""What is known of this machine's sandbox: the probes are run once a boot, and kept."""

from __future__ import annotations

import fcntl
import json
import logging
import os
import platform
import threading
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

from studio.artifacts import digest_file, digest_json
from studio.errors import UnavailableError, say
from studio.sandbox.bubblewrap import find_bubblewrap
from studio.sandbox.installation import PACKAGE
from studio.sandbox.probes import SandboxReport, run_probes

log = logging.getLogger("studio.sandbox")

Verdict = Literal["yes", "weak", "no"]
"""Whether code of others runs: `weak`: though not all that should be is denied."""

_FILE = "sandbox.json"
_LOCK = ".sandbox.lock"


class SandboxKeeper:
    """Thread-safe. allow_weak: run code in a sandbox that does not deny all that it should."""

    def __init__(
        self, home: Path, allow_weak: bool = False, on_change: Callable[[], None] = lambda: None
    ) -> None:
        self._home = home
        self._allow_weak = allow_weak
        self._on_change = on_change
        self._report: SandboxReport | None = None
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def prepare(self) -> None:
        """Run the probes in the background, unless they have been run."""
        with self._lock:
            if self._report is None and self._thread is None:
                self._thread = threading.Thread(target=self._look, daemon=True)
                self._thread.start()

    def report(self) -> SandboxReport | None:
        """None while the probes run."""
        self.prepare()
        return self._report

    def wait(self) -> SandboxReport:
        """The report, waiting for the probes if they are not over."""
        self.prepare()
        if self._thread is not None:
            self._thread.join()
        assert self._report is not None
        return self._report

    def may_run(self) -> bool:
        """False while the probes run. Raises UnavailableError where code of others is refused."""
        report = self.report()
        if report is None:
            return False
        if self.verdict(report) == "no":
            raise _refusal(report)
        return True

    def verdict(self, report: SandboxReport) -> Verdict:
        """Nothing is ever run bare: where there is no mechanism, the answer is no."""
        if report.is_sufficient:
            return "yes"
        return "weak" if self._allow_weak and report.mechanism != "none" else "no"

    def _look(self) -> None:
        try:
            self._report = load_report(self._home)
        except Exception:
            log.exception("the sandbox could not be probed")
            self._report = SandboxReport("none")
        if not self._report.is_sufficient:
            log.warning("the sandbox is not sufficient; missing: %s", self._report.missing)
        self._on_change()


def load_report(home: Path) -> SandboxReport:
    """The report in the data folder when it is of this machine as it is, else a new one.

    Processes that ask at once wait for the one that runs the probes.
    """
    home.mkdir(parents=True, exist_ok=True)
    with (home / _LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        machine = _machine()
        kept = _read(home / _FILE)
        if kept.get("machine") == machine:
            return _from_json(kept["report"])
        report = run_probes(home)
        text = json.dumps({"machine": machine, "report": asdict(report)}, indent=1)
        temporary = home / f".{_FILE}.part"
        temporary.write_text(text)
        temporary.rename(home / _FILE)
        return report


def _machine() -> str:
    """What the report depends on: boot, kernel, user, bubblewrap, and our own code."""
    bwrap = find_bubblewrap()
    sources = sorted((PACKAGE / "sandbox").glob("*.py"))
    return digest_json(
        {
            "boot": _boot(),
            "kernel": platform.uname().release,
            "user": os.getuid(),
            "bubblewrap": [str(bwrap), digest_file(bwrap)] if bwrap else None,
            "sources": [digest_file(path) for path in sources],
        }
    )


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def _read(file: Path) -> dict[str, Any]:
    try:
        document: dict[str, Any] = json.loads(file.read_text())
    except (OSError, ValueError):
        return {}
    return document


def _from_json(document: dict[str, Any]) -> SandboxReport:
    lists = {name: tuple(document[name]) for name in ("denied", "missing")}
    return SandboxReport(**{**document, **lists})


def _refusal(report: SandboxReport) -> UnavailableError:
    if report.mechanism == "none":
        return UnavailableError(
            "This machine has no sandbox, so code that was brought to the studio cannot run.",
            hint="Install bubblewrap, or a Linux kernel with Landlock (5.13 or later).",
            code="sandbox.unavailable",
        )
    return UnavailableError(
        say(
            "The sandbox of this machine ({mechanism}) does not deny: "
            "{missing}. Code that was brought to the studio is not run in it.",
            mechanism=report.mechanism,
            missing=", ".join(report.missing),
        ),
        hint="See docs/sandbox.md; STUDIO_ALLOW_WEAK_SANDBOX=1 runs it nevertheless.",
        code="sandbox.unavailable",
    )
