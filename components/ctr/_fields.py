"""Fields of a feature map: the canonical text of a value, and how a field gets its indices."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from studio.component import ComponentError

_DIGITS = 12  # significant digits that engines are held to agree in


def canonical_text(value: object) -> str | None:
    """The one text of a category, whatever type its column has; None: missing."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value)


def rounded(value: float) -> float:
    """To 12 significant digits, so that the order in which an engine adds does not show."""
    return float(f"{value:.{_DIGITS}g}")


def categorical_field(
    name: str, counts: Mapping[str | None, int], min_count: int, first: int
) -> tuple[dict[str, Any], int]:
    """A field of categories and the next free index; frequent values lie together, first."""
    known = [(text, n) for text, n in counts.items() if text is not None and n >= min_count]
    known.sort(key=lambda item: (-item[1], item[0]))
    field = {
        "name": name,
        "type": "categorical",
        "missing_index": first,
        "unknown_index": first + 1,
        "first_index": first + 2,
        "values": [text for text, _ in known],
        "counts": [n for _, n in known],
        "missing": counts.get(None, 0),
    }
    return field, first + 2 + len(known)


def numeric_field(
    name: str, values: Iterable[float | None], transform: str, first: int
) -> tuple[dict[str, Any], int]:
    """A field of numbers and the next free index: one index, scaled by the value."""
    everything = list(values)
    present = [value for value in everything if value is not None and not math.isnan(value)]
    if any(math.isinf(value) for value in present):
        raise ComponentError(
            f"Column {name!r} holds an infinite value.",
            hint="Replace it, or list it in `missing_values`.",
            parameter="numeric",
            code="data.infinite",
        )
    mean = math.fsum(present) / len(present) if present else 0.0
    squares = math.fsum((value - mean) ** 2 for value in present)
    deviation = math.sqrt(squares / len(present)) if present else 0.0
    field = {
        "name": name,
        "type": "numeric",
        "missing_index": first,
        "index": first + 1,
        "transform": transform,
        "mean": rounded(mean),
        "std": rounded(deviation),
        "min": min(present, default=None),
        "max": max(present, default=None),
        "missing": len(everything) - len(present),
    }
    return field, first + 2
