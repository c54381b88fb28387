"""The small JSON that the interface shows of an artifact."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from studio.inspector.bundles import preview_bundle
from studio.inspector.tables import open_table, page_of_rows


def preview(kind: str, folder: str, offset: int, limit: int) -> dict[str, Any]:
    """What is shown of an artifact; `offset` and `limit` page through rows."""
    make = _PREVIEWS.get(kind, preview_bundle)
    return {"kind": kind, **make(kind, Path(folder), offset, limit)}


def _preview_table(_: str, folder: Path, offset: int, limit: int) -> dict[str, Any]:
    table = open_table(folder)
    rows = page_of_rows(table, table.names, offset, limit)
    return {"columns": table.columns, "n_rows": table.rows, "offset": offset, "rows": rows}


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
