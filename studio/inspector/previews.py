"""The small JSON that the interface shows of an artifact."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from studio.inspector.cells import cell
from studio.inspector.tables import open_table, page_of_rows

_MAX_VALUES = 50


def preview(kind: str, folder: str, offset: int, limit: int) -> dict[str, Any]:
    """What is shown of an artifact; `offset` and `limit` page through rows."""
    make = _PREVIEWS.get(kind, _preview_document)
    return {"kind": kind, **make(kind, Path(folder), offset, limit)}


def _preview_table(_: str, folder: Path, offset: int, limit: int) -> dict[str, Any]:
    table = open_table(folder)
    rows = page_of_rows(table, table.names, offset, limit)
    return {"columns": table.columns, "n_rows": table.rows, "offset": offset, "rows": rows}


def _preview_document(kind: str, folder: Path, _: int, __: int) -> dict[str, Any]:
    import numpy as np

    document = json.loads((folder / f"{kind}.json").read_bytes())
    arrays = {}
    for path in sorted(folder.glob("*.npy")):
        array = np.load(path, mmap_mode="r", allow_pickle=False)
        arrays[path.stem] = {"shape": list(array.shape), "type": str(array.dtype)}
    return {"document": _shorten(document), "arrays": arrays}


def _shorten(value: Any) -> Any:
    """Long lists, such as vocabularies, are cut; how long they were is told."""
    if isinstance(value, dict):
        return {key: _shorten(item) for key, item in value.items()}
    if isinstance(value, list):
        shown = [_shorten(item) for item in value[:_MAX_VALUES]]
        return shown if len(value) <= _MAX_VALUES else [*shown, f"… {len(value):,} in all"]
    return cell(value)


def _preview_report(kind: str, folder: Path, _: int, __: int) -> dict[str, Any]:
    return {"document": json.loads((folder / f"{kind}.json").read_bytes())}


def _preview_file(_: str, folder: Path, __: int, ___: int) -> dict[str, Any]:
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {"files": [{"name": path.name, "size": path.stat().st_size} for path in files]}


_PREVIEWS: dict[str, Callable[[str, Path, int, int], dict[str, Any]]] = {
    "table": _preview_table,
    "report": _preview_report,
    "file": _preview_file,
}
