"""How much the server takes: sizes in bytes."""

from __future__ import annotations

from dataclasses import dataclass

from studio.errors import StudioError


@dataclass(frozen=True)
class Limits:
    """json: one JSON body. upload: one dataset. reserve: what stays free on the disk."""

    json: int = 64 << 20
    upload: int = 20 << 30
    reserve: int = 1 << 30


class DiskFullError(StudioError):
    status = 507
    code = "disk_full"
    title = "The disk is nearly full"


def in_words(size: int) -> str:
    """Bytes as a person reads them: `64 MiB`."""
    for power, unit in ((30, "GiB"), (20, "MiB"), (10, "KiB")):
        if size >= 1 << power:
            return f"{size / (1 << power):.4g} {unit}"
    return f"{size} bytes"
