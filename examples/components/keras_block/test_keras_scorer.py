"""A layer of one's own learns, and gives the same scores for the same seed."""

import numpy as np
import pandas as pd
from keras_scorer import keras_scorer

RANDOM = np.random.default_rng(0)
TABLE = pd.DataFrame({"a": RANDOM.normal(size=800), "b": RANDOM.normal(size=800)})
TABLE["label"] = (TABLE["a"] * TABLE["b"] > 0).astype(int)


def test_it_learns_a_product_that_no_linear_model_can():
    scores = keras_scorer(TABLE, TABLE, epochs=60)["prediction_score"]
    assert ((scores > 0.5) == TABLE["label"]).mean() > 0.9


def test_a_seed_gives_the_same_scores():
    first, second = (keras_scorer(TABLE, TABLE.head(9), seed=3) for _ in range(2))
    pd.testing.assert_frame_equal(first, second)
