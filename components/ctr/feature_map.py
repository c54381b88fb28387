"""Fit what every field of a table becomes: its indices, vocabularies and statistics."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Annotated, Any, Literal

import ibis
from pydantic import Field

from studio.component import ComponentError, FeatureMap, component

from ._fields import canonical_text, categorical_field, numeric_field

Counts = dict[str, "Counter[str | None]"]


@component(title="Feature map", category="Feature engineering", version="1.0")
def feature_map(
    table: ibis.Table,
    *,
    label: Annotated[str | None, Field(description="Column of the label; never a feature.")] = None,
    numeric: Annotated[
        list[str] | None, Field(description="Columns of numbers; empty: all floating-point ones.")
    ] = None,
    ignore: Annotated[list[str], Field(description="Columns that become no feature.")] = [],  # noqa: B006 a default of the form, never written to
    min_count: Annotated[
        int, Field(ge=1, description="Rarer categories share the index of unknown ones.")
    ] = 1,
    numeric_transform: Annotated[
        Literal["raw", "standardise"], Field(description="What becomes of a number.")
    ] = "raw",
    missing_values: Annotated[
        list[str | float], Field(description="Values that mean missing, such as -1.")
    ] = [],  # noqa: B006 a default of the form, never written to
) -> FeatureMap:
    """Fit a feature map on the training table, and on it alone.

    Every column that is neither numeric nor ignored is categorical. Within a field the indices
    are: missing, unknown, then the values by count, most frequent first, ties by text.

    Shapes: table (n, d) -> F fields, feature_size indices 0 ... feature_size - 1.
    Units:  statistics in the units of their column, rounded to 12 significant digits.
    Errors: ComponentError when the table has no rows, or a column named is not there.
    Source: the article's FeatureDictionary, without its leak of test values.
    """
    _check_columns(table, label, numeric, ignore)
    rows = int(table.count().execute())
    if rows == 0:
        raise ComponentError("The table has no rows to fit on.", code="data.no_rows")
    names = [name for name in table.columns if _is_feature(name, label, ignore)]
    numbers = _numeric_columns(table, names, numeric)
    missing = {canonical_text(value) for value in missing_values}
    fields, size = _fit(table, names, numbers, missing, min_count, numeric_transform)
    document = {
        "format": 1,
        "label": label,
        "rows": rows,
        "feature_size": size,
        "missing_values": sorted(text for text in missing if text is not None),
        "fields": fields,
    }
    return FeatureMap(document)


def _fit(
    table: ibis.Table,
    names: list[str],
    numbers: list[str],
    missing: set[str | None],
    min_count: int,
    transform: str,
) -> tuple[list[dict[str, Any]], int]:
    counts = _count_values(table, [name for name in names if name not in numbers])
    columns = table.select(*numbers).to_pyarrow() if numbers else None
    fields, size = [], 0
    for name in names:
        if columns is not None and name in numbers:
            values = (_present(value, missing) for value in columns[name].to_pylist())
            field, size = numeric_field(name, values, transform, size)
        else:
            field, size = categorical_field(name, _merge(counts[name], missing), min_count, size)
        fields.append(field)
    return fields, size


def _present(value: Any, missing: set[str | None]) -> float | None:
    return None if value is None or canonical_text(value) in missing else float(value)


def _merge(counts: Counter[str | None], missing: set[str | None]) -> Counter[str | None]:
    merged: Counter[str | None] = Counter()
    for text, count in counts.items():
        merged[None if text in missing else text] += count
    return merged


def _count_values(table: ibis.Table, names: list[str]) -> Counts:
    """How often each value occurs: one query for all columns of a type, not one a column."""
    by_type: dict[str, list[str]] = defaultdict(list)
    for name in names:
        by_type[str(table[name].type())].append(name)
    counts: Counts = {name: Counter() for name in names}
    for columns in by_type.values():
        for field, value, count in _query_counts(table, columns):
            counts[field][canonical_text(value)] += count
    return counts


def _query_counts(table: ibis.Table, columns: list[str]) -> Iterable[tuple[str, Any, int]]:
    long = table.select(*columns).pivot_longer(columns, names_to="field", values_to="value")
    result = long.group_by("field", "value").agg(n=long.count()).to_pyarrow()
    return zip(*(result[name].to_pylist() for name in ("field", "value", "n")), strict=True)


def _is_feature(name: str, label: str | None, ignore: list[str]) -> bool:
    return name != label and name not in ignore and not name.startswith("__")


def _numeric_columns(table: ibis.Table, names: list[str], numeric: list[str] | None) -> list[str]:
    if numeric is None:
        return [name for name in names if table[name].type().is_floating()]
    for name in numeric:
        if not table[name].type().is_numeric():
            raise ComponentError(
                f"Column {name!r} is of type {table[name].type()}, not a number.",
                hint="Take it out of `numeric`, or cast it before.",
                parameter="numeric",
                code="column.type",
            )
    return [name for name in names if name in numeric]


def _check_columns(
    table: ibis.Table, label: str | None, numeric: list[str] | None, ignore: list[str]
) -> None:
    wanted = [("label", name) for name in ([label] if label else [])]
    wanted += [("numeric", name) for name in numeric or []]
    wanted += [("ignore", name) for name in ignore]
    for parameter, name in wanted:
        if name not in table.columns:
            near = get_close_matches(name, table.columns, n=3) or list(table.columns)[:5]
            raise ComponentError(
                f"There is no column {name!r}.",
                hint=f"Did you mean {', '.join(map(repr, near))}?",
                parameter=parameter,
                code="column.missing",
            )
