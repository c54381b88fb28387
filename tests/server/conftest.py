"""One server for the tests that leave it as it was; a test that does not makes its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from studio.settings import Settings
from tests.server.helpers import Served, serving


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(Settings(home=tmp_path_factory.mktemp("served") / "home")) as server:
        yield server
