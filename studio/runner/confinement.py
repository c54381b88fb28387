"""What a step of code that is not ours may see and use: its code, its inputs, its libraries."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import psutil

from studio.errors import ComponentError, say
from studio.gpus import VISIBLE
from studio.inputs import ResolvedPath
from studio.sandbox.confinement import Confinement, Limits
from studio.settings import Settings
from studio.step import StepOrder

_MEMORY_SHARE = 0.75


def confine(
    order: StepOrder, paths: Iterable[ResolvedPath], devices: Sequence[Path], settings: Settings
) -> Confinement:
    """The confinement of a step. paths: files and folders that its parameters name, checked.

    devices: of the GPUs that it was given.
    """
    code = [Path(spec.file).parent for spec in (order.spec, *order.lent)]
    inputs = [Path(item.folder) for items in order.inputs.values() for item in items]
    seconds = settings.step_timeout_seconds * max(order.threads, 1)
    threads = str(max(order.threads, 1))
    return Confinement(
        interpreter=_interpreter(order, settings),
        read_only=[*code, *inputs, *(item.path for item in paths)],
        kept=_kept(order),
        network="loopback" if order.engine == "spark" else "off",
        devices=devices,
        hosts=order.spec.network,
        private_hosts=[host for host in order.spec.network if host in settings.private_hosts],
        limits=Limits(cpu_seconds=int(seconds), memory=order.memory or _free_share()),
        environment={
            "OMP_NUM_THREADS": threads,
            "OPENBLAS_NUM_THREADS": threads,
            "POLARS_MAX_THREADS": threads,
            "TF_CPP_MIN_LOG_LEVEL": "2",
            **({} if devices else {VISIBLE: ""}),
        },
    )


def _kept(order: StepOrder) -> Path | None:
    """Made here: the sandbox shows it, but cannot make it."""
    if order.kept is None:
        return None
    folder = Path(order.kept)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _interpreter(order: StepOrder, settings: Settings) -> Path:
    """The environment of the component's own libraries, or the studio's."""
    environment = order.spec.environment
    if environment is None:
        return Path(sys.executable)
    return settings.home / "environments" / environment / "bin" / "python"


def _free_share() -> int:
    return int(psutil.virtual_memory().available * _MEMORY_SHARE)


def check_paths(paths: Iterable[ResolvedPath], settings: Settings) -> None:
    """Files that the pipeline names are shown to the step, but never the studio's own."""
    home, store = settings.home.resolve(), settings.store.resolve()
    for item in paths:
        path = item.path.resolve()
        is_ours = home.is_relative_to(path) or path.is_relative_to(home)
        if is_ours and not path.is_relative_to(store):
            raise ComponentError(
                say(
                    "{path} holds the studio's own files, which no script may read.", path=item.path
                ),
                hint="Name a folder of data.",
                code="path.forbidden",
            )
