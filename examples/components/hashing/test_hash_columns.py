"""Hashing: the number that Python's own md5 gives."""

import hashlib

import ibis
import pandas as pd
import pytest
from hash_columns import hash_columns

TABLE = ibis.memtable(pd.DataFrame({"category": ["a", "b", None, "ü"], "n": [1, 2, 3, 4]}))


def by_hand(value, buckets, prefix=":category:"):
    return int(hashlib.md5(f"{prefix}{value}".encode()).hexdigest()[:8], 16) % buckets


@pytest.mark.parametrize("buckets", [2, 1000, 1 << 24])
def test_it_is_md5_of_the_value(buckets):
    result = hash_columns(TABLE, buckets=buckets).order_by("n").execute()["category_hash"]
    assert result[[0, 1, 3]].tolist() == [by_hand(value, buckets) for value in "abü"]
    assert pd.isna(result[2])


def test_another_salt_spreads_otherwise():
    plain, salted = (hash_columns(TABLE, salt=salt).execute() for salt in ("", "x"))
    assert plain["category_hash"].tolist() != salted["category_hash"].tolist()
