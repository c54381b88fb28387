"""A shelf of packages of its own for each test, read by one child for all of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from studio.database.engine import Database
from studio.inspector import SourceReader
from studio.packages.shelf import PackageShelf
from studio.settings import Settings


@pytest.fixture(scope="session")
def sources() -> Iterator[SourceReader]:
    reader = SourceReader()
    yield reader
    reader.stop()


@pytest.fixture
def shelf(settings: Settings, database: Database, sources: SourceReader) -> PackageShelf:
    return PackageShelf(settings.home, database, sources.read)
