"""How much of the logit one, two and three fields explain, measured from the rows alone."""

from __future__ import annotations

import time
from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from components.ctr.generate_click_log import generate_click_log
from studio.component import ComponentError

SMALL = {"rows": 400_000, "fields": 6, "vocabulary": 36, "zipf": 1.0}

Array = np.ndarray[Any, np.dtype[Any]]


def generate(**parameters: Any) -> pa.Table:
    with_roles: Any = generate_click_log(**parameters)
    assert with_roles.roles == {"label": ["clicked"]}
    table: pa.Table = with_roles.table
    return table


def logit_of(table: pa.Table) -> Array:
    probability: Array = table["__probability__"].to_numpy()
    result: Array = np.log(probability / (1 - probability))
    return result


def cells_of(table: pa.Table, names: tuple[str, ...]) -> Array:
    """A number for every combination of values of some columns."""
    cells = np.zeros(table.num_rows, np.int64)
    for name in names:
        column = table[name].to_numpy()
        cells = cells * (column.max() + 1) + column
    return cells


def explained(table: pa.Table, values: Array, names: tuple[str, ...]) -> float:
    """Variance of the mean of values in each combination of some columns."""
    cells = cells_of(table, names)
    counts = np.bincount(cells)
    means = np.bincount(cells, values) / np.maximum(counts, 1)
    return float(np.average((means - values.mean()) ** 2, weights=counts))


def measured_shares(table: pa.Table) -> tuple[float, float, float]:
    """Analysis of variance: what one field explains, what two explain beyond that, the rest."""
    logit, names = logit_of(table), [name for name in table.column_names if name[0] == "f"]
    single = {name: explained(table, logit, (name,)) for name in names}
    pairs = [
        explained(table, logit, (one, two)) - single[one] - single[two]
        for one, two in combinations(names, 2)
    ]
    first, second = sum(single.values()) / logit.var(), sum(pairs) / logit.var()
    return first, second, 1 - first - second


@pytest.mark.parametrize(
    "shares", [(0.40, 0.35, 0.25), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)]
)
@pytest.mark.parametrize("seed", [0, 1])
def test_the_shares_of_variance_are_as_asked_for(
    shares: tuple[float, float, float], seed: int
) -> None:
    first, second, third = shares
    table = generate(
        first_order_share=first,
        pairwise_share=second,
        higher_order_share=third,
        seed=seed,
        **SMALL,
    )
    assert measured_shares(table) == pytest.approx(shares, abs=0.01)


def test_spread_and_base_rate_are_as_asked_for() -> None:
    table = generate(spread=1.5, base_rate=0.04, **SMALL)
    assert logit_of(table).std() == pytest.approx(1.5, rel=0.01)
    assert table["__probability__"].to_numpy().mean() == pytest.approx(0.04, abs=1e-6)
    assert table["clicked"].to_numpy().mean() == pytest.approx(0.04, abs=0.002)


def test_clicks_happen_as_often_as_their_probability_says() -> None:
    table = generate(**SMALL)
    probability, clicked = table["__probability__"].to_numpy(), table["clicked"].to_numpy()
    for low in np.arange(0, 1, 0.1):
        inside = (probability >= low) & (probability < low + 0.1)
        assert clicked[inside].mean() == pytest.approx(probability[inside].mean(), abs=0.02)


def test_ids_are_as_many_and_as_frequent_as_asked_for() -> None:
    table = generate(rows=300_000, fields=4, vocabulary=2_000, zipf=1.3)
    sizes = [table[f"f{n:02}"].to_numpy().max() + 1 for n in range(4)]
    assert sizes == sorted(sizes)
    assert sum(sizes) == pytest.approx(2_000, rel=0.01)  # the rarest may not have been drawn
    counts = np.sort(np.bincount(table["f03"].to_numpy()))[::-1]
    assert counts[0] / counts[9] == pytest.approx(10**1.3, rel=0.1)


def test_a_big_log_is_quick() -> None:
    began = time.monotonic()
    table = generate(rows=200_000, fields=39, vocabulary=100_000)
    assert time.monotonic() - began < 10
    assert table.num_rows == 200_000
    assert table.num_columns == 39 + 3
    assert table["__row__"].to_pylist() == list(range(200_000))


def test_the_seed_decides_everything() -> None:
    small = {"rows": 100, "fields": 3, "vocabulary": 9}
    assert generate(seed=1, **small) == generate(seed=1, **small)
    assert generate(seed=1, **small) != generate(seed=2, **small)


@pytest.mark.parametrize("fields", range(3, 30))
def test_there_is_an_effect_of_every_kind_whatever_the_number_of_fields(fields: int) -> None:
    for shares in np.eye(3):
        table = generate(
            rows=5_000,
            fields=fields,
            vocabulary=fields * 5,
            first_order_share=shares[0],
            pairwise_share=shares[1],
            higher_order_share=shares[2],
        )
        assert logit_of(table).std() == pytest.approx(2.0, rel=0.01)


@pytest.mark.parametrize(
    ("parameters", "parameter"),
    [({"pairwise_share": 0.4}, "first_order_share"), ({"vocabulary": 100}, "vocabulary")],
)
def test_what_cannot_be_is_refused(parameters: dict[str, Any], parameter: str) -> None:
    with pytest.raises(ComponentError) as caught:
        generate(**parameters)
    assert caught.value.parameter == parameter
