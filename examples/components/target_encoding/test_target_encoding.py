"""Target encoding: smoothed, and blind to a row's own label."""

import pandas as pd
import pytest
from target_encoding import target_encoding

TABLE = pd.DataFrame({"category": ["a", "b"] * 500, "label": [1, 0] * 500})


def test_a_category_becomes_nearly_its_share_of_positives():
    result = target_encoding(TABLE, smoothing=1.0)
    means = result.groupby("category")["category_target"].mean()
    assert means["a"] > 0.99
    assert means["b"] < 0.01


def test_a_row_does_not_see_its_own_label():
    alone = pd.DataFrame({"category": list("abcdefgh"), "label": [1, 0, 1, 0, 1, 0, 1, 1]})
    result = target_encoding(alone)
    flipped = target_encoding(alone.assign(label=[0, *alone["label"][1:]]))
    assert result["category_target"][0] == flipped["category_target"][0]


def test_the_same_seed_gives_the_same_parts():
    pd.testing.assert_frame_equal(target_encoding(TABLE, seed=3), target_encoding(TABLE, seed=3))


def test_a_column_that_is_not_there_is_refused():
    with pytest.raises(Exception, match="no column 'x'"):
        target_encoding(TABLE, columns=["x"])
