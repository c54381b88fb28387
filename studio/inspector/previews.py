"""A warm process that turns an artifact into the small JSON that the interface shows."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

_MAX_VALUES = 50
_MAX_TEXT = 1000


def main() -> None:
    """One JSON request a line on stdin, one JSON answer a line on stdout, until stdin ends."""
    output = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer: dict[str, Any] = {"preview": preview(**request)}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        output.write(json.dumps(answer) + "\n")
        output.flush()


def preview(kind: str, folder: str, offset: int, limit: int) -> dict[str, Any]:
    """What is shown of an artifact; `offset` and `limit` page through rows."""
    make = _PREVIEWS.get(kind, _preview_document)
    return {"kind": kind, **make(kind, Path(folder), offset, limit)}


def _preview_table(_: str, folder: Path, offset: int, limit: int) -> dict[str, Any]:
    import pyarrow.parquet as pq

    about = json.loads((folder / "table.json").read_bytes())
    files = [pq.ParquetFile(path) for path in sorted(folder.glob("*.parquet"))]
    columns = [
        {"name": field.name, "type": str(field.type), "role": _role(field.name, about["roles"])}
        for field in files[0].schema_arrow
    ]
    rows = _page_of_rows(files, offset, limit)
    return {"columns": columns, "n_rows": about["rows"], "offset": offset, "rows": rows}


def _page_of_rows(files: list[Any], offset: int, limit: int) -> list[list[Any]]:
    """Rows offset ... offset + limit - 1, reading only the row groups that hold them."""
    rows: list[list[Any]] = []
    start = 0
    for file in files:
        for group in range(file.num_row_groups):
            length = file.metadata.row_group(group).num_rows
            first = max(offset + len(rows) - start, 0)
            if first < length and len(rows) < limit:
                part = file.read_row_group(group).slice(first, limit - len(rows))
                columns = [column.to_pylist() for column in part.columns]
                rows += [[_cell(value) for value in row] for row in zip(*columns, strict=True)]
            start += length
    return rows


def _role(column: str, roles: dict[str, list[str]]) -> str | None:
    return next((role for role, columns in roles.items() if column in columns), None)


def _cell(value: Any) -> Any:
    """A value that JSON holds: whole numbers beyond 2^53 as text, NaN as null, text cut."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) < 1 << 53 else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    text = value if isinstance(value, str) else str(value)
    return text if len(text) <= _MAX_TEXT else text[:_MAX_TEXT] + "…"


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
    return _cell(value)


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


if __name__ == "__main__":
    main()
