"""Fit what every column of a training table becomes: numbers, and vocabularies of categories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

import ibis
import ibis.expr.datatypes as dt
from pydantic import Field

from studio.component import Column, ComponentError, FeatureMap, component, context

from ._feature_queries import KINDS, count_values, describe_numbers, see_every_nan
from ._fields import (
    FieldDocument,
    categorical_field,
    field_size,
    missing_numbers,
    missing_texts,
    nearest_columns,
    numeric_field,
)


@component(title="Feature map", category="Feature engineering", version="1.0")
def feature_map(
    table: ibis.Table,
    *,
    label: Annotated[
        Column | None, Field(description="Column to predict; never a feature.")
    ] = None,
    numeric: Annotated[
        Sequence[Column] | None,
        Field(description="Columns used as numbers; empty for all floating-point columns."),
    ] = None,
    ignore: Annotated[Sequence[Column], Field(description="Columns that are no features.")] = [],
    min_count: Annotated[
        int, Field(ge=1, description="Rarer values of a category count as unknown.")
    ] = 1,
    numeric_transform: Annotated[
        Literal["raw", "standardise"],
        Field(description="standardise: subtract the mean, divide by the standard deviation."),
    ] = "standardise",
    missing_values: Annotated[
        Sequence[str | float],
        Field(description="Values that mean missing in every column, such as -1."),
    ] = [],
) -> FeatureMap:
    """Give every feature of a training table its index, fitted on that table alone.

    A numeric column takes two indices: one for the value, one for a missing value. Every other
    column is categorical: an index for missing, one for unknown (rarer than `min_count`, or not
    in this table), and one for each value, frequent ones first. A value is known by its text, so
    1, 1.0 and "1" are the same. Null and NaN are missing.

    Shapes: table (n, d) -> F fields with V indices 0..V-1 in all.
    Units:  mean, std, min and max in the units of the column, 12 significant digits.
    Errors: ComponentError when the table has no rows, a name is no column, a column is used in
            two ways or of a type that cannot be a feature, no column is left, or a number is
            infinite or beyond what a float32 holds.
    Source: PAI-Studio's DeepFM article, its feature dictionary, here without the test table.
    """
    _check_names(table, label, numeric or [], ignore)
    kinds = _kinds(table, {label, *ignore}, numeric)
    missing = missing_texts(missing_values)
    numbers = [name for name, kind in kinds.items() if kind == "numeric"]
    see_every_nan(table)
    rows, statistics = describe_numbers(table, numbers, missing_numbers(missing))
    if rows == 0:
        raise ComponentError(
            "The table has no rows, so there is nothing to fit.",
            hint="Check the filters and splits before this step.",
            code="data.no_rows",
        )
    categories = {name: kind for name, kind in kinds.items() if kind != "numeric"}
    counts = count_values(table, categories, missing, min_count)
    fields: list[FieldDocument] = []
    size = 0
    for name in kinds:
        if name in statistics:
            field = numeric_field(name, size, numeric_transform, statistics[name])
        else:
            field = categorical_field(name, size, counts[name])
            _warn(field, rows)
        fields.append(field)
        size += field_size(field)
    return FeatureMap(
        {
            "format": 1,
            "label": label,
            "rows": rows,
            "feature_size": size,
            "missing_values": missing,
            "fields": fields,
        }
    )


def _check_names(
    table: ibis.Table, label: str | None, numeric: Sequence[str], ignore: Sequence[str]
) -> None:
    used = {"label": [] if label is None else [label], "numeric": numeric, "ignore": ignore}
    for parameter, names in used.items():
        missing = [name for name in names if name not in table.columns]
        if missing:
            raise ComponentError(
                f"The table has no column {', '.join(map(repr, missing))}.",
                hint=nearest_columns(missing, table.columns),
                parameter=parameter,
                code="column.missing",
            )
    twice = [name for name in numeric if name == label or name in ignore]
    if twice:
        raise ComponentError(
            f"{', '.join(map(repr, twice))} cannot be numeric and left out at once.",
            hint="Take it out of numeric, or out of ignore and label.",
            parameter="numeric",
            code="column.used_twice",
        )


def _kinds(
    table: ibis.Table, left_out: set[str | None], numeric: Sequence[str] | None
) -> dict[str, str]:
    """How each feature is treated, in the order of the columns: "numeric" or one of KINDS."""
    types = {
        name: type_
        for name, type_ in table.schema().items()
        if name not in left_out and not name.startswith("__")
    }
    if not types:
        raise ComponentError(
            "No column is left to be a feature.",
            hint="Shorten ignore.",
            parameter="ignore",
            code="feature_map.empty",
        )
    kinds = {name: _kind(name, type_, numeric) for name, type_ in types.items()}
    _check_types({name: types[name] for name, kind in kinds.items() if kind is None}, numeric)
    return {name: kind for name, kind in kinds.items() if kind is not None}


def _kind(name: str, type_: dt.DataType, numeric: Sequence[str] | None) -> str | None:
    by_default = type_.is_floating() or type_.is_decimal()
    if by_default if numeric is None else name in numeric:
        return "numeric" if type_.is_numeric() else None  # a boolean counts as a number, too
    return next((kind for kind in KINDS if getattr(type_, f"is_{kind}")()), None)


def _check_types(refused: Mapping[str, dt.DataType], numeric: Sequence[str] | None) -> None:
    chosen = {name: type_ for name, type_ in refused.items() if name in (numeric or [])}
    if chosen:
        raise ComponentError(
            f"These columns hold no numbers: {_list_types(chosen)}.",
            hint="Take them out of numeric, or declare their types in read_table.",
            parameter="numeric",
            code="column.type",
        )
    if refused:
        raise ComponentError(
            f"These columns are of a type that cannot be a feature: {_list_types(refused)}.",
            hint="Put them in ignore, or make numbers or texts of them before.",
            parameter="ignore",
            code="column.type",
        )


def _list_types(types: Mapping[str, dt.DataType]) -> str:
    return ", ".join(f"{name!r} ({type_})" for name, type_ in types.items())


def _warn(field: FieldDocument, rows: int) -> None:
    name, distinct = field["name"], len(field["values"])
    if distinct == rows > 1:
        context.log.warning("%r has another value in every row: is it an identifier?", name)
    if distinct == 0:
        context.log.warning("%r has no value that occurs often enough to be learned.", name)
