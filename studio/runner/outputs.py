"""What a step made: collected with suspicion, put into the store, recorded in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from studio.artifacts import Kind, canonical_json
from studio.database.artifacts import add_artifact
from studio.spec import ComponentSpec
from studio.step import OUTPUTS_FOLDER, StepResult
from studio.store import INLINE_LIMIT, OutputError, Store, Tree, pack, read_tree

_MAX_SUMMARY = 1 << 20


@dataclass(frozen=True)
class Output:
    """An artifact on a port that is safe in the store, or small enough for its row."""

    port: str
    kind: Kind
    digest: str
    size: int
    content: bytes | None
    summary: dict[str, Any]
    written: Path
    tree: Tree


def keep_outputs(
    spec: ComponentSpec, result: StepResult, folder: Path, store: Store
) -> list[Output]:
    """Move what the step wrote into the store; nothing is recorded yet."""
    outputs = []
    if (folder / OUTPUTS_FOLDER).is_symlink():
        raise OutputError("The folder of the outputs is a symbolic link.")
    for port in spec.outputs:
        written = folder / OUTPUTS_FOLDER / port.name
        if not port.required and not written.exists():
            continue
        if not written.is_dir() or written.is_symlink():
            raise OutputError(f"The step wrote nothing for port {port.name!r}.")
        tree = read_tree(written)
        content = None
        if tree.size <= INLINE_LIMIT:
            content = pack(written, tree)
        else:
            store.put(written, tree)
        summary = _checked(result.summaries.get(port.name, {}))
        outputs.append(
            Output(port.name, port.kind, tree.digest, tree.size, content, summary, written, tree)
        )
    return outputs


def _checked(summary: dict[str, Any]) -> dict[str, Any]:
    """A summary is told by the step, so it is taken for what it is worth: JSON, and not much."""
    try:
        if len(canonical_json(summary)) <= _MAX_SUMMARY:
            return summary
    except (ValueError, RecursionError):
        pass
    raise OutputError("The summary of an output is no JSON, or too long.")


def record_outputs(connection: Connection, outputs: list[Output], store: Store) -> dict[str, Any]:
    """Record the artifacts; gives the outputs of the step as JSON data.

    Equal content that was in the store may just have been removed as nobody's: then this step's
    own goes there. From here to the end of the transaction nothing is removed.
    """
    for item in outputs:
        if item.content is None and not store.has(item.digest):
            store.put(item.written, item.tree)
        add_artifact(connection, item.digest, item.kind, item.size, item.content)
    return {
        item.port: {
            "kind": item.kind,
            "digest": item.digest,
            "size": item.size,
            "summary": item.summary,
        }
        for item in outputs
    }
