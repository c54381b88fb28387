"""What `studio new component` writes: a component that works, its example, and its test."""

from __future__ import annotations

import json
from pathlib import Path

from studio.errors import ConflictError
from studio.packages.shelf import package_name

_COMPONENT = '''"""{title}."""

from __future__ import annotations

from typing import Annotated

import pandas as pd
from pydantic import Field

from studio.component import ComponentError, component


@component(title="{title}", category="My components")
def {name}(
    table: Annotated[pd.DataFrame, "Rows to work on."],
    *,
    column: Annotated[str, Field(description="Column of numbers to scale.")] = "amount",
    factor: Annotated[float, Field(gt=0, description="What it is multiplied by.")] = 2.0,
) -> pd.DataFrame:
    """Multiply a column.

    Shapes: table (n, d) -> table (n, d), the same columns.
    Units:  factor is a plain number.
    Errors: ComponentError when the column is not there.
    """
    if column not in table:
        known = ", ".join(table.columns)
        raise ComponentError(f"There is no column {{column!r}}.", hint=f"There are: {{known}}.")
    return table.assign(**{{column: table[column] * factor}})
'''

_TEST = '''"""{title}: its rules."""

import pandas as pd
import pytest
from {name} import {name}

from studio.component import ComponentError

TABLE = pd.DataFrame({{"id": [1, 2], "amount": [1.5, None]}})


def test_the_column_is_multiplied_and_the_rest_is_kept():
    result = {name}(TABLE, factor=3.0)
    assert result["amount"].iloc[0] == 4.5
    assert result["amount"].isna().tolist() == [False, True]
    assert list(result) == list(TABLE)


def test_a_column_that_is_not_there_is_refused():
    with pytest.raises(ComponentError, match="There is no column 'x'"):
        {name}(TABLE, column="x")
'''

_EXAMPLE = {
    "parameters": {"factor": 3.0},
    "inputs": {"table": {"id": [1, 2, 3], "amount": [1.5, None, 2.0]}},
}


def write_skeleton(name: str, folder: Path) -> list[Path]:
    """Write the files into `folder/name`; one that is there is never overwritten."""
    name = package_name(name)
    title = name.replace("_", " ").capitalize()
    files = {
        f"{name}.py": _COMPONENT.format(name=name, title=title),
        f"test_{name}.py": _TEST.format(name=name, title=title),
        f"{name}.example.json": json.dumps(_EXAMPLE, indent=2) + "\n",
    }
    target = folder / name
    if target.exists():
        raise ConflictError(f"{target} is there already.", hint="Choose another name.")
    target.mkdir(parents=True)
    for file, text in files.items():
        (target / file).write_text(text, encoding="utf-8")
    return [target / file for file in files]
