"""Put the tables of several files under one another."""

from __future__ import annotations

import pyarrow as pa

from studio.component import ComponentError, say


def stack_tables(named: list[tuple[str, pa.Table]]) -> pa.Table:
    """Rows of all tables in the given order; the first one says the order of the columns."""
    (first_name, first), *rest = named
    tables = [first]
    for name, table in rest:
        _check_same_columns(first_name, first.column_names, name, table.column_names)
        tables.append(table.select(first.column_names))
    try:
        return pa.concat_tables(tables, promote_options="permissive")
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise _drift(_type_difference(named)) from error


def _check_same_columns(first_name: str, first: list[str], name: str, columns: list[str]) -> None:
    lacking = [column for column in first if column not in columns]
    extra = [column for column in columns if column not in first]
    if lacking or extra:
        parts = [f"lacks {', '.join(map(repr, lacking))}"] if lacking else []
        parts += [f"also has {', '.join(map(repr, extra))}"] if extra else []
        raise _drift(f"{name} {' and '.join(parts)}, compared with {first_name}")


def _type_difference(named: list[tuple[str, pa.Table]]) -> str:
    (first_name, first), *rest = named
    return next(
        f"column {field.name!r} is {field.type} in {first_name}, {other} in {name}"
        for name, table in rest
        for field in first.schema
        if (other := table.schema.field(field.name).type) != field.type
    )


def _drift(difference: str) -> ComponentError:
    return ComponentError(
        say("The files of the folder differ: {difference}.", difference=difference),
        hint="Read them by nodes of their own, or make their columns the same.",
        parameter="path",
        code="schema.drift",
    )
