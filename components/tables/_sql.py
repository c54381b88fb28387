"""One SELECT in a locked DuckDB: what may stand in it, and errors that name the line.

The engine is locked twice. It has no file system, no extensions and no settings to change; and the
query's syntax tree, as DuckDB itself parses it, may only read the inputs and what it defines.
"""

from __future__ import annotations

import json
import os
import re
import threading
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from studio.component import ComponentError, say

INPUTS = ("t1", "t2", "t3", "t4")
_PAI_INPUT = re.compile(r"\$\{(t[1-4])\}")
_LINE = re.compile(r"\n\s*LINE (\d+):.*", re.DOTALL)
_QUERIES = {"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"}
_SOURCES = {"BASE_TABLE", "SUBQUERY", "JOIN", "EXPRESSION_LIST", "EMPTY", "TABLE_FUNCTION", "PIVOT"}
_TABLE_FUNCTIONS = {"range", "generate_series", "unnest", "json_each", "json_tree"}
_REFUSED_FUNCTIONS = {"current_setting", "getenv", "query", "query_table", "nextval", "currval"}
_CODES: tuple[tuple[type[Exception], str], ...] = (
    (duckdb.ParserException, "sql.syntax"),
    (duckdb.BinderException, "sql.name"),
    (duckdb.CatalogException, "sql.name"),
    (duckdb.PermissionException, "sql.not_allowed"),
    (duckdb.OutOfMemoryException, "sql.memory"),
    (duckdb.ConversionException, "sql.value"),
    (duckdb.OutOfRangeException, "sql.value"),
    (duckdb.InvalidInputException, "sql.value"),
)
_HINTS = {
    "sql.not_allowed": "Write one SELECT that reads the inputs t1 to t4 and nothing else.",
    "sql.memory": "Aggregate or filter before joining, or give the node fewer rows.",
    "sql.timeout": "Look for a recursion or a join without an end, or raise the timeout.",
    "sql.value": "Use try_cast, which gives null for what does not fit.",
}


class LockedEngine:
    """A DuckDB in which only some tables are visible, and only one SELECT at a time runs."""

    def __init__(self, tables: Mapping[str, pa.Table]) -> None:
        self._tables = tables
        self._connection = duckdb.connect(":memory:")
        for name, table in tables.items():
            self._connection.register(name, table)
        for setting in (
            f"memory_limit = '{_half_of_memory()}B'",
            "threads = 1",  # on two, sums of floats and the order of rows would vary
            "TimeZone = 'UTC'",
            "temp_directory = ''",
            "python_enable_replacements = false",
            "autoload_known_extensions = false",
            "autoinstall_known_extensions = false",
            "allow_community_extensions = false",
            "enable_external_access = false",
            "lock_configuration = true",
        ):
            self._connection.execute(f"SET {setting}")

    def run(self, query: str, timeout: float) -> pa.Table:
        """The rows of a checked query. Raises ComponentError with its line where it fails."""
        query = self.check(query)
        timer = threading.Timer(timeout, self._connection.interrupt)
        timer.start()
        try:
            return _plain_types(_arrow(self._connection.execute(query)))
        except duckdb.InterruptException as error:
            raise _refuse(
                "sql.timeout", say("The query took more than {timeout:g} s.", timeout=timeout)
            ) from error
        except duckdb.Error as error:
            raise _explain(error) from error
        finally:
            timer.cancel()

    def describe(self, query: str) -> pa.Schema:
        """The columns of a checked query, which is not run."""
        query = self.check(query)
        try:
            self._connection.execute(f"DESCRIBE {query}").fetchall()  # its errors tell the line
            return _plain_types(self._connection.sql(query).limit(0).to_arrow_table()).schema
        except duckdb.Error as error:
            raise _explain(error) from error

    def check(self, query: str) -> str:
        """The query in DuckDB's spelling; refused unless it is one SELECT of the inputs."""
        query = _PAI_INPUT.sub(r"\1", query)
        try:
            statements = self._connection.extract_statements(query)
        except duckdb.Error as error:
            raise _explain(error) from error
        if len(statements) != 1:
            raise _refuse(
                "sql.not_allowed",
                say("There are {count} statements, not one.", count=len(statements)),
            )
        kind = statements[0].type.name
        tree = self._tree(query)
        if kind != "SELECT" or tree is None:
            raise _refuse("sql.not_allowed", say("{kind} is not allowed.", kind=kind))
        self._check_tree(tree, query)
        return query

    def _tree(self, query: str) -> Any:
        """The syntax tree, None for what is no SELECT."""
        ask = "SELECT json_serialize_sql(?::VARCHAR)"
        ((text,),) = self._connection.execute(ask, [query]).fetchall()
        answer = json.loads(text)
        return None if answer["error"] else answer["statements"]

    def _check_tree(self, tree: Any, query: str) -> None:
        items = list(_walk(tree))
        known = {*self._tables, *_defined(items)}
        for item in items:
            reason = _reason(item, known)
            if reason:
                line = _line_of(item, query)
                place = f" (line {line})" if line else ""
                message = say("{reason}{place}.", reason=reason, place=place)
                raise _refuse("sql.not_allowed", message, line)


def _arrow(result: duckdb.DuckDBPyConnection) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the other way, which copies less, loses the line
        return result.to_arrow_table()


def _walk(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, list):
        for item in tree:
            yield from _walk(item)
    elif isinstance(tree, dict):
        yield tree
        for item in tree.values():
            yield from _walk(item)


def _defined(items: list[dict[str, Any]]) -> set[str]:
    """The names of common table expressions, in lower case as DuckDB compares them."""
    maps = [item["cte_map"]["map"] for item in items if "cte_map" in item]
    names = {entry["key"].lower() for entries in maps for entry in entries}
    return names | {item["cte_name"].lower() for item in items if item.get("cte_name")}


def _reason(item: Mapping[str, Any], known: set[str]) -> str | None:
    """Why a part of the tree is refused, None where it is not."""
    kind = str(item.get("type", ""))
    if kind.endswith("_NODE") and kind not in _QUERIES:
        return f"{kind.removesuffix('_NODE')} is not allowed"
    if "sample" in item and "alias" in item and kind not in _SOURCES:
        return f"{kind} is not allowed"
    if kind == "BASE_TABLE":
        name = ".".join(item["qualified_name"]["path"])
        return None if name.lower() in known else f"There is no table {name!r} here"
    if kind == "TABLE_FUNCTION":
        name = item["function"]["function_name"].lower()
        return None if name in _TABLE_FUNCTIONS else f"{name}() is not allowed"
    if item.get("class") == "FUNCTION" and item["function_name"].lower() in _REFUSED_FUNCTIONS:
        return f"{item['function_name']}() is not allowed"
    return None


def _line_of(item: Mapping[str, Any], query: str) -> int | None:
    place = item.get("query_location", len(query) + 1)
    return query.encode()[:place].count(b"\n") + 1 if place <= len(query.encode()) else None


def _explain(error: Exception) -> ComponentError:
    """DuckDB's error with its line, in the studio's words."""
    code = next((code for kind, code in _CODES if isinstance(error, kind)), "sql.failed")
    text = str(error)
    found = _LINE.search(text)
    line = int(found[1]) if found else None
    place = f" (line {line})" if line else ""
    summary, _, more = _LINE.sub("", text).strip().partition("\n")
    hint = " ".join(more.split()) or _HINTS.get(code)
    message = say("{summary}{place}.", summary=summary.rstrip(".!"), place=place)
    return ComponentError(message, hint=hint, parameter="query", code=code, line=line)


def _refuse(code: str, message: str, line: int | None = None) -> ComponentError:
    return ComponentError(message, hint=_HINTS[code], parameter="query", code=code, line=line)


def _plain_types(table: pa.Table) -> pa.Table:
    """Whole numbers of 128 bits, which DuckDB's sums are, as 64 bits."""
    for place, field in enumerate(table.schema):
        if pa.types.is_decimal(field.type) and field.type.precision > 18 and field.type.scale == 0:
            try:
                column = pc.cast(table.column(place), pa.int64())
            except pa.ArrowInvalid as error:
                raise _explain(
                    duckdb.OutOfRangeException(f"Column {field.name!r} is beyond 64 bits")
                ) from error
            table = table.set_column(place, field.name, column)
    return table


def _half_of_memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
