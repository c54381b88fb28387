"""Counts in windows, held to the plainest way to count."""

import datetime as dt
import random

import polars as pl
import pytest
from time_window_counts import time_window_counts

START = dt.datetime(2024, 1, 1)


def events(rows, seed=0):
    choose = random.Random(seed)
    return pl.DataFrame(
        {
            "category": [choose.choice("ab") for _ in range(rows)],
            "time": [START + dt.timedelta(minutes=choose.randrange(600)) for _ in range(rows)],
        }
    )


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("hours", [0.5, 3.0])
def test_it_counts_what_a_loop_counts(seed, hours):
    table = events(60, seed)
    result = time_window_counts(table, hours=[hours])
    window = dt.timedelta(hours=hours)
    rows = list(table.iter_rows())
    expected = [sum(key == k and time - window <= t < time for k, t in rows) for key, time in rows]
    assert result[f"category_last_{hours:g}h"].to_list() == expected


def test_rows_stay_in_their_order():
    table = events(20)
    assert time_window_counts(table).select(table.columns).equals(table)


def test_a_column_of_words_is_no_time():
    with pytest.raises(Exception, match="holds no times"):
        time_window_counts(events(3), time="category")
