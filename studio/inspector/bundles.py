"""The small JSON that is shown of a feature map, a model and other documents with arrays."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from studio.inspector.cells import cell

_MAX_VALUES = 50  # of a list of numbers or texts, such as a vocabulary
_MAX_ITEMS = 1000  # of a list of objects, such as fields, blocks or epochs
_MAX_TEXT = 1000


def preview_bundle(kind: str, folder: Path, _: int, __: int) -> dict[str, Any]:
    import numpy as np

    document = json.loads((folder / f"{kind}.json").read_bytes())
    arrays = {}
    for path in sorted(folder.glob("*.npy")):
        array = np.load(path, mmap_mode="r", allow_pickle=False)
        arrays[path.stem] = {"shape": list(array.shape), "type": str(array.dtype)}
    summarise = _SUMMARIES.get(kind)
    summary = {"summary": summarise(document, arrays)} if summarise else {}
    return {"document": _shorten(document), "arrays": arrays, **summary}


def _shorten(value: Any) -> Any:
    """Long lists are cut; how long they were is told in their last item."""
    if isinstance(value, dict):
        return {key: _shorten(item) for key, item in value.items()}
    if isinstance(value, list):
        most = _MAX_ITEMS if value and isinstance(value[0], dict) else _MAX_VALUES
        shown = [_shorten(item) for item in value[:most]]
        return shown if len(value) <= most else [*shown, f"… {len(value):,} in all"]
    return cell(value, _MAX_TEXT)


def _summarise_feature_map(document: Mapping[str, Any], _: Any) -> dict[str, Any]:
    """Of each field how much of the rows it covers, and how large its vocabulary is."""
    fields = document.get("fields", [])
    rows = document.get("rows", 0)
    return {
        "rows": rows,
        "feature_size": document.get("feature_size"),
        "fields": [_field(field, rows) for field in fields[:_MAX_ITEMS]],
        "n_fields": len(fields),
    }


def _field(field: Mapping[str, Any], rows: int) -> dict[str, Any]:
    """Shares are of the rows that the map was fitted on; null where the map does not hold them."""
    values, counts, missing = field.get("values"), field.get("counts"), field.get("missing")
    known = sum(counts) if counts is not None and "slots" not in field else None
    unknown = None if known is None or missing is None else max(rows - missing - known, 0)
    return {
        "name": field.get("name"),
        "type": field.get("type"),
        "vocabulary": None if values is None else len(values),
        "coverage": None if missing is None else _share(rows - missing, rows),
        "unknown": None if unknown is None else _share(unknown, rows),
        "top": [cell(value, 100) for value in (values or [])[:5]],
    }


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _summarise_model(
    document: Mapping[str, Any], arrays: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """How many parameters each block has: those of the arrays that bear its id."""
    blocks = document.get("blocks", [])
    sizes = {name: math.prod(array["shape"]) for name, array in arrays.items()}
    counted = [_block(block, sizes) for block in blocks]
    training = document.get("training") or {}
    return {
        "parameters": sum(sizes.values()),
        "shared_parameters": sum(sizes.values()) - sum(item["parameters"] for item in counted),
        "blocks": counted,
        "epochs": len(training.get("history", [])),
        "best_epoch": training.get("best_epoch"),
    }


def _block(block: Mapping[str, Any], sizes: Mapping[str, int]) -> dict[str, Any]:
    own = {name: size for name, size in sizes.items() if str(block["id"]) in name}
    settings = block.get("parameters", {})
    return {
        "id": block["id"],
        "type": block.get("type"),
        "inputs": block.get("inputs", []),
        "parameters": sum(own.values()),
        "arrays": sorted(own),
        "embedding_size": settings.get("dimension"),
    }


_SUMMARIES: dict[str, Callable[[Any, Any], dict[str, Any]]] = {
    "feature_map": _summarise_feature_map,
    "model": _summarise_model,
}
