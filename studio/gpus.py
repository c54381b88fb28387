"""GPUs that steps may use: whoever runs the studio lists them, a node asks for a number of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from studio.errors import Problem, UnavailableError, say

VISIBLE = "CUDA_VISIBLE_DEVICES"
_DEVICES = Path("/dev")
# What every program that uses any GPU of NVIDIA opens beside the GPU itself.
_SHARED = ("nvidiactl", "nvidia-uvm", "nvidia-uvm-tools")


def check_gpus(asked: int, allowed: Sequence[int]) -> Problem | None:
    """Why a node may not have as many GPUs as it asks for; None: it may."""
    if asked <= len(allowed):
        return None
    message = say(
        "It asks for GPUs: {asked}; steps may use {allowed}.", asked=asked, allowed=len(allowed)
    )
    hint = "Whoever runs the studio lists GPUs for steps: STUDIO_GPUS=0,1."
    return Problem("gpu.not_allowed", message, hint, field="resources.gpu")


def device_files(gpus: Sequence[int]) -> list[Path]:
    """The device files for some GPUs of NVIDIA. Raises UnavailableError when one is not there."""
    own = [_DEVICES / f"nvidia{number}" for number in gpus]
    for number, path in zip(gpus, own, strict=True):
        if not path.exists():
            raise UnavailableError(
                say(
                    "GPU {number} is listed for steps, but {path} is not on this machine.",
                    number=number,
                    path=path,
                ),
                hint="Correct STUDIO_GPUS, or load the driver.",
                code="gpu.missing",
            )
    shared = [_DEVICES / name for name in _SHARED if (_DEVICES / name).exists()]
    return [*own, *shared] if own else []
