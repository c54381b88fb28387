"""The five ways to run as options of a command: --to, --from, --only, --children, and --fresh."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from studio.selection import RunMode

_OPTIONS: dict[str, tuple[RunMode, str]] = {
    "to": ("EXECUTE_TO_HERE", "Only this node and all above it."),
    "from": ("EXECUTE_FROM_HERE", "Only this node and all below it."),
    "only": ("EXECUTE_ONE", "Only this node."),
    "children": ("EXECUTE_CHILDREN", "Only what is below this node."),
}


def ways_to_run(command: Callable[..., None]) -> Callable[..., None]:
    """Options that reach the command as `way`: mode, targets and fresh."""

    @wraps(command)
    def wrapped(*arguments: Any, fresh: bool, **options: Any) -> None:
        given = {name: options.pop(f"{name}_nodes") for name in _OPTIONS}
        command(*arguments, way={**_mode(given), "fresh": fresh}, **options)

    words = "Execute what could be reused."
    made: Callable[..., None] = click.option("--fresh", "--no-cache", is_flag=True, help=words)(
        wrapped
    )
    for name, (_, words) in reversed(_OPTIONS.items()):
        made = click.option(
            f"--{name}", f"{name}_nodes", multiple=True, metavar="NODE", help=words
        )(made)
    return made


def _mode(given: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    chosen = [name for name, nodes in given.items() if nodes]
    if len(chosen) > 1:
        names = " and ".join(f"--{name}" for name in chosen)
        raise click.UsageError(f"{names} cannot be given together.")
    if not chosen:
        return {"mode": "EXECUTE_ALL", "targets": ()}
    return {"mode": _OPTIONS[chosen[0]][0], "targets": given[chosen[0]]}
