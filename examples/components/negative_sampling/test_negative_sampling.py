"""Negative sampling: never a pair that happened, and by popularity."""

import pandas as pd
from negative_sampling import negative_sampling

PAIRS = pd.DataFrame({"category": list("aabbc"), "id": [1, 2, 2, 3, 4]})


def test_no_negative_is_a_pair_that_happened():
    result = negative_sampling(PAIRS, negatives=50)
    happened = set(map(tuple, PAIRS.to_numpy()))
    negatives = result[result["label"] == 0]
    assert not happened & set(zip(negatives["category"], negatives["id"], strict=True))
    assert len(negatives) > 200


def test_the_pairs_that_happened_are_kept_in_order():
    result = negative_sampling(PAIRS)
    kept = result[result["label"] == 1].drop(columns="label").reset_index(drop=True)
    pd.testing.assert_frame_equal(kept, PAIRS)


def test_items_that_come_often_are_drawn_often():
    pairs = pd.DataFrame({"category": range(1000), "id": [1] * 900 + list(range(2, 102))})
    drawn = negative_sampling(pairs, negatives=5, power=1.0)
    rare = negative_sampling(pairs, negatives=5, power=0.0)

    def share(table):
        return (table[table["label"] == 0]["id"] == 1).mean()

    assert share(drawn) > 5 * share(rare)


def test_a_seed_gives_the_same_pairs():
    pd.testing.assert_frame_equal(
        negative_sampling(PAIRS, seed=7), negative_sampling(PAIRS, seed=7)
    )
