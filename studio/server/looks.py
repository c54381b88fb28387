"""Looks into tables: pages of rows and statistics, of artifacts and of datasets alike."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from fastapi import Query

from studio.database.inspections import get_inspection, put_inspection
from studio.errors import StudioError
from studio.server.parts import Parts
from studio.server.table_models import TablePage, TableStatistics

MAX_ROW = 2**40
# Grows when statistics come to hold something else, so that remembered ones are made anew.
_STATISTICS = "statistics:1"

_Name = Annotated[str, Query(max_length=300)]


class RowsQuery:
    """What part of a table is asked for, as query parameters."""

    def __init__(
        self,
        offset: Annotated[int, Query(ge=0, le=MAX_ROW, description="First row.")] = 0,
        limit: Annotated[int, Query(ge=1, le=1000, description="Rows at most.")] = 200,
        columns: Annotated[
            str | None, Query(max_length=20_000, description="Names with commas; none: all.")
        ] = None,
        order: Annotated[
            str | None, Query(max_length=300, description="A column; `-` first: largest first.")
        ] = None,
        filter: Annotated[
            list[_Name] | None,
            Query(description="`COLUMN OPERATOR VALUE`, such as `price>10`; all must hold."),
        ] = None,
    ) -> None:
        self.query: dict[str, Any] = {
            "offset": offset,
            "limit": limit,
            "columns": columns.split(",") if columns else None,
            "order": order,
            "filters": filter or [],
        }


class NoTableError(StudioError):
    status = 422
    code = "artifact.kind"
    title = "Only tables have rows"


def page_of(parts: Parts, folder: Path, asked: RowsQuery) -> TablePage:
    return TablePage(**parts.inspector.rows(folder, **asked.query))


def statistics_of(parts: Parts, digest: str, folder: Path) -> TableStatistics:
    """Computed once for a digest, then remembered."""
    known = known_statistics(parts, digest)
    if known is not None:
        return known
    found = parts.inspector.statistics(folder)
    with parts.database.begin() as connection:
        put_inspection(connection, digest, _STATISTICS, found)
    return TableStatistics(**found)


def known_statistics(parts: Parts, digest: str) -> TableStatistics | None:
    with parts.database.read() as connection:
        found = get_inspection(connection, digest, _STATISTICS)
    return None if found is None else TableStatistics(**found)
