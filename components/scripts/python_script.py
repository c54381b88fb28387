"""Python written for one pipeline: tables in, tables out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple

from pydantic import Field

from studio.component import AnyTable, Schema, component

from ._script import Columns, call, declared, load_main, read_tables

_EXAMPLE = '''\
def main(t1, t2=None, t3=None, t4=None):
    """Takes pandas data frames, or what the annotations ask for; returns one to four tables."""
    return t1
'''


class PythonScriptOutputs(NamedTuple):
    t1: AnyTable | None
    t2: AnyTable | None
    t3: AnyTable | None
    t4: AnyTable | None


def _schema(*, code: str, columns: Columns, **_: Any) -> dict[str, Schema | None]:
    return declared(code, columns)


@component(title="Python script", category="Custom", version="1.0", confined=True, schema=_schema)
def python_script(
    t1: AnyTable | None = None,
    t2: AnyTable | None = None,
    t3: AnyTable | None = None,
    t4: AnyTable | None = None,
    *,
    code: Annotated[
        str,
        Field(
            description="Defines `main`, which takes the connected tables in order.",
            json_schema_extra={"format": "python"},
            max_length=1_000_000,
        ),
    ] = _EXAMPLE,
    columns: Annotated[
        Mapping[str, Mapping[str, str]],
        Field(description="Columns of an output port and their types, where known before a run."),
    ] = {},
) -> PythonScriptOutputs:
    """Run a Python function on tables, in the sandbox: no network, no files but its inputs.

    `main` is called with the tables on t1 to t4, in order. Each is a pandas data frame, or what
    the parameter is annotated with: `polars.DataFrame`, `pyarrow.Table`, `ibis.Table`. It returns
    one table, a tuple or list of up to four, or a dict by port; tables of different libraries may
    be mixed. It has the studio's own libraries: pandas, Polars, NumPy, PyArrow, Ibis,
    DuckDB, TensorFlow. What it prints is in the log of the step.

    Shapes: t1 … t4 (any) -> t1 … t4 (any), as `main` decides.
    Units:  none.
    Errors: ComponentError where the code cannot be parsed, with line and column, defines no `main`,
            takes other tables than are connected, returns no table, or raises, with the line.
    Source: PAI-Studio "Python Script".
    """
    main = load_main(code)
    return PythonScriptOutputs(**call(main, read_tables(main, [t1, t2, t3, t4])))
