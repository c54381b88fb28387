"""Choose, drop and rename columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated

import ibis
from pydantic import Field

from studio.component import Column, ComponentError, component, say

from ._columns import check_columns
from ._rows import in_order


@component(title="Select columns", category="Data preprocessing", version="1.0")
def select_columns(
    table: ibis.Table,
    *,
    columns: Annotated[
        Sequence[Column] | None, Field(description="Columns to keep, in this order; empty for all.")
    ] = None,
    drop: Annotated[Sequence[Column], Field(description="Columns to leave out.")] = [],
    rename: Annotated[Mapping[Column, str], Field(description="New names, by old name.")] = {},
) -> ibis.Table:
    """Keep some columns, leave out others, give new names.

    The platform's own columns, whose names begin with `__`, stay unless they are dropped.

    Shapes: table (n, d) -> table (n, k).
    Units:  none.
    Errors: ComponentError for a name that is no column, no column left, or one name twice.
    Source: PAI-Studio "Filter & Mapping".
    """
    check_columns(list(columns or []), table.columns, "columns")
    check_columns(list(drop), table.columns, "drop")
    check_columns(list(rename), table.columns, "rename")
    chosen = list(table.columns) if columns is None else list(dict.fromkeys(columns))
    own = [name for name in table.columns if name.startswith("__") and name not in chosen]
    names = [name for name in [*chosen, *own] if name not in drop]
    new = [rename.get(name, name) for name in names]
    twice = [name for name, count in Counter(new).items() if count > 1 or not name]
    if twice:
        raise ComponentError(
            say(
                "The names {twice} would be given twice, or are blank.",
                twice=", ".join(map(repr, twice)),
            ),
            hint="Give every column a name of its own.",
            parameter="rename",
            code="column.exists",
        )
    if not [name for name in names if not name.startswith("__")]:
        raise ComponentError(
            "No column is left.", hint="Keep at least one.", parameter="columns", code="data.empty"
        )
    return in_order(table).select(**{rename.get(name, name): table[name] for name in names})
