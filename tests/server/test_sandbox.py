"""The sandbox, as the canvas is told of it."""

from __future__ import annotations

import time

import pytest

from tests.server.helpers import Served


@pytest.mark.slow
def test_what_confines_code_of_others_is_told(served: Served) -> None:
    deadline = time.monotonic() + 60
    answer = served.client.get("/sandbox").json()
    while answer["state"] == "probing":
        assert time.monotonic() < deadline
        time.sleep(0.1)
        answer = served.client.get("/sandbox").json()
    assert answer["state"] == "ready"
    assert set(answer["denied"]) | set(answer["missing"]) == set(answer["details"])
    assert answer["runs"] == ("no" if answer["missing"] else "yes")
