"""A script: its code becomes a `main`, its tables become arguments, what it returns, outputs."""

from __future__ import annotations

import inspect
import linecache
import sys
import traceback
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from studio.component import AnyTable, ComponentError, Schema, say

FILE = "script.py"
PORTS = ("t1", "t2", "t3", "t4")

Columns = Mapping[str, Mapping[str, str]]


def load_main(code: str) -> Callable[..., Any]:
    """Run the code and give its `main`. Raises ComponentError at `code` where there is none."""
    module = types.ModuleType("script")
    sys.modules["script"] = module  # so that what it defines can be pickled
    linecache.cache[FILE] = (len(code), None, code.splitlines(keepends=True), FILE)
    check_syntax(code)
    try:
        exec(compile(code, FILE, "exec"), module.__dict__)
    except Exception as error:
        raise explain(error) from error
    main = getattr(module, "main", None)
    if not inspect.isfunction(main):
        raise _refusal("The script defines no function `main`.", "script.no_main")
    return main


def read_tables(main: Callable[..., Any], tables: Sequence[AnyTable | None]) -> list[Any]:
    """Each table as `main` annotates its parameter; without an annotation, as pandas."""
    try:
        hints = typing.get_type_hints(main)
    except Exception as error:
        raise explain(error) from error
    parameters = list(inspect.signature(main).parameters.values())
    check_count(parameters, tables)
    read = []
    for parameter, table in zip(parameters, tables, strict=False):
        read.append(None if table is None else table.read(_type(hints.get(parameter.name))))
    return read


def _type(hint: Any) -> Any:
    """The type of an annotation; of `T | None` it is T, of `Any` none."""
    choices = [item for item in typing.get_args(hint) if item is not type(None)]
    if type(None) in typing.get_args(hint) and len(choices) == 1:
        return choices[0]
    return None if hint is Any else hint


def check_count(parameters: Sequence[inspect.Parameter], tables: Sequence[Any]) -> None:
    """`main` takes a table for each port that is connected, and no more than are."""
    for number, (port, table) in enumerate(zip(PORTS, tables, strict=True)):
        taken = parameters[number] if number < len(parameters) else None
        if table is not None and taken is None:
            message = say(
                "Port {port} is connected, but `main` takes {count} tables.",
                port=port,
                count=len(parameters),
            )
            raise _refusal(message, "script.arguments")
        if table is None and taken is not None and taken.default is inspect.Parameter.empty:
            message = say(
                "`main` takes {name!r}, but no table is connected to port {port}.",
                name=taken.name,
                port=port,
            )
            raise _refusal(message, "script.arguments")


def call(main: Callable[..., Any], arguments: Sequence[Any]) -> dict[str, Any]:
    """What `main` returns, by output port: one table, several, or a dict of them."""
    try:
        returned = main(*arguments)
    except ComponentError:
        raise
    except Exception as error:
        raise explain(error) from error
    if isinstance(returned, Mapping):
        outputs = dict(returned)
    elif isinstance(returned, list | tuple):
        outputs = dict(zip(PORTS, returned, strict=False)) if len(returned) <= len(PORTS) else {}
    else:
        outputs = {"t1": returned}
    wrong = [name for name in outputs if name not in PORTS]
    if wrong or not any(table is not None for table in outputs.values()):
        what = f"a port {wrong[0]!r}" if wrong else "no table"
        message = say(
            "`main` returned {what}; it returns one to four tables, or a dict of t1 … t4.",
            what=what,
        )
        raise _refusal(message, "script.returned")
    return {port: outputs.get(port) for port in PORTS}


def explain(error: Exception) -> ComponentError:
    """An error of the script, with the line of the script; its traceback is printed to the log."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == FILE]
    print("Traceback (most recent call last):", file=sys.stderr)
    for text in [*traceback.format_list(frames), *traceback.format_exception_only(error)]:
        print(text, end="", file=sys.stderr)
    line = frames[-1].lineno if frames else None
    where = f" ({FILE}, line {line})" if line else ""
    return _refusal(
        say("{name}: {error}{where}", name=type(error).__name__, error=error, where=where),
        "script.exception",
        line,
    )


def _refusal(
    message: str, code: str, line: int | None = None, column: int | None = None
) -> ComponentError:
    hint = _HINTS.get(code)
    return ComponentError(message, code=code, parameter="code", hint=hint, line=line, column=column)


_HINTS = {
    "script.no_main": "Write `def main(t1): …` and return a table.",
    "script.arguments": "Take as many tables as are connected, or give the others a default.",
    "script.exception": "See the step's log for the traceback.",
}


def declared(code: str, columns: Columns) -> dict[str, Schema | None]:
    """The columns that somebody declared for output ports, before any run.

    The code is only parsed. Raises ComponentError at `code` where it cannot be.
    """
    check_syntax(code)
    return {port: Schema(dict(columns[port])) if port in columns else None for port in PORTS}


def check_syntax(code: str) -> None:
    """Raises ComponentError with line and column; nothing is run."""
    try:
        compile(code, FILE, "exec")
    except SyntaxError as error:
        where = f"line {error.lineno}, column {error.offset}"
        message = say("{msg} ({where}).", msg=error.msg, where=where)
        raise _refusal(message, "script.syntax", error.lineno, error.offset) from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise _refusal(
            say("The code cannot be parsed: {error}.", error=error), "script.syntax"
        ) from None
