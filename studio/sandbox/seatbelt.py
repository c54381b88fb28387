"""The profile for macOS's Seatbelt. Written from its documentation, not verified on a Mac."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from studio.sandbox.confinement import Confinement

PROGRAM = Path("/usr/bin/sandbox-exec")

_SYSTEM = (
    "/usr/lib", "/usr/bin", "/bin", "/usr/share", "/System", "/Library/Frameworks",
    "/private/etc/localtime", "/private/var/db/timezone", "/private/etc/ssl", "/dev/null",
    "/dev/zero", "/dev/random", "/dev/urandom",
)  # fmt: skip


def seatbelt_command(confinement: Confinement, read: Iterable[Path], scratch: Path) -> list[str]:
    return [str(PROGRAM), "-p", profile(confinement, read, scratch)]


def profile(confinement: Confinement, read: Iterable[Path], scratch: Path) -> str:
    """Deny by default. There is no process tree of its own and no limit on memory on macOS."""
    lines = [
        "(version 1)",
        "(deny default)",
        "(allow process-fork)",
        "(allow process-exec)",
        "(allow signal (target same-sandbox))",
        "(allow sysctl-read)",
        "(allow file-read-metadata)",
        f"(allow file-read* {_subpaths(map(Path, _SYSTEM))} {_subpaths(read)})",
        f"(allow file-read* file-write* {_subpaths([scratch])})",
        '(allow file-write-data (literal "/dev/null"))',
    ]
    for folder in filter(None, (confinement.work, confinement.kept)):
        written = _subpaths([folder])
        lines += [
            f"(allow file-read* file-write* {written})",
            f"(deny file-write-create (require-all {written} (vnode-type SYMLINK)))",
            f"(deny file-write-create (require-all {written} (vnode-type FIFO)))",
        ]
    return "\n".join(lines)


def _subpaths(paths: Iterable[Path]) -> str:
    return " ".join(f"(subpath {json.dumps(str(path))})" for path in paths)
