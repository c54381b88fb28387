"""What large pipelines may take, in seconds of the processor: a machine that is busy changes these
little, and the clock much. `python -m benchmarks.plans` prints all of them."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from benchmarks.plans import SHAPES, Shape, Took, measure_known, measure_rest
from studio.host.isolation import relax_collector
from studio.settings import Settings
from tests.inline import Workshop

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("shape", SHAPES)]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    """In a process whose collector is that of the runner, whatever else the tests have loaded."""
    threshold = gc.get_threshold()
    gc.collect()
    gc.freeze()
    relax_collector()
    yield Workshop(tmp_path)
    gc.set_threshold(*threshold)
    gc.unfreeze()


def seconds(measured: Iterator[Took]) -> dict[str, float]:
    return {took.what: took.processor for took in measured}


def test_ten_thousand_nodes_are_validated_saved_and_planned_in_two_seconds_each(
    tmp_path: Path, shape: Shape
) -> None:
    settings = Settings(home=tmp_path / "home", port=18_000)
    took = seconds(measure_rest(settings, 10_000, shape))
    assert [name.split(",")[0] for name in took] == ["validate", "save", "plan"]
    assert max(took.values()) < 2, took


def test_ten_thousand_nodes_whose_results_are_known_are_planned_in_two_seconds(
    shop: Workshop, shape: Shape
) -> None:
    took = seconds(islice(measure_known(shop.make(), 10_000, shape), 2))
    assert max(took["plan, nothing known"], took["plan, by equal keys"]) < 2, took


def test_a_thousand_nodes_whose_results_are_known_are_planned_and_reused_in_a_second(
    shop: Workshop, shape: Shape
) -> None:
    took = seconds(measure_known(shop.make(), 1_000, shape))
    assert took["plan, by equal keys"] + took["run, all reused"] < 1, took
