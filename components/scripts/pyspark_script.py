"""PySpark written for one pipeline: data frames in, data frames out."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple

from pydantic import Field
from pyspark.sql import DataFrame

from studio.component import Schema, component, context

from ._script import Columns, call, check_count, declared, load_main

_EXAMPLE = '''\
def main(spark, t1, t2=None, t3=None, t4=None):
    """Takes a Spark session and Spark data frames; returns one to four of them."""
    return t1
'''


class PysparkScriptOutputs(NamedTuple):
    t1: DataFrame | None
    t2: DataFrame | None
    t3: DataFrame | None
    t4: DataFrame | None


def _schema(*, code: str, columns: Columns, **_: Any) -> dict[str, Schema | None]:
    return declared(code, columns)


@component(title="PySpark script", category="Custom", version="1.0", confined=True, schema=_schema)
def pyspark_script(
    t1: DataFrame | None = None,
    t2: DataFrame | None = None,
    t3: DataFrame | None = None,
    t4: DataFrame | None = None,
    *,
    code: Annotated[
        str,
        Field(
            description="Defines `main`, which takes `spark` and the connected tables in order.",
            json_schema_extra={"format": "python"},
            max_length=1_000_000,
        ),
    ] = _EXAMPLE,
    columns: Annotated[
        Mapping[str, Mapping[str, str]],
        Field(description="Columns of an output port and their types, where known before a run."),
    ] = {},
) -> PysparkScriptOutputs:
    """Run a PySpark function on tables, on a Spark server of its own in the sandbox.

    `main` is called with a Spark Connect session and the tables on t1 to t4, in order. It returns
    one data frame, a tuple or list of up to four, or a dict by port. The server is started for
    this step, sees the step's inputs and nothing else, and ends with it: a session on the
    studio's shared server would have that server's rights. Starting it takes some seconds.

    Shapes: t1 … t4 (any) -> t1 … t4 (any), as `main` decides.
    Units:  none.
    Errors: ComponentError where the code cannot be parsed, with line and column, defines no `main`,
            takes other tables than are connected, returns no table, or raises, with the line;
            a node error where the machine's sandbox has no network of its own.
    Source: PAI-Studio "PySpark Script".
    """
    main = load_main(code)
    tables = [t1, t2, t3, t4]
    _, *parameters = inspect.signature(main).parameters.values()
    check_count(parameters, tables)
    arguments = tables[: len(parameters)]
    return PysparkScriptOutputs(**call(main, [context.spark, *arguments]))
