"""LightGBM in three components: trained, scored, explained; the model is text."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from studio.loader import load_function

FOLDER = Path(__file__).parent
lightgbm_train, lightgbm_predict, shap_report = (
    load_function(FOLDER / f"{name}.py", name)
    for name in ("lightgbm_train", "lightgbm_predict", "shap_report")
)
RANDOM = np.random.default_rng(0)
TABLE = pd.DataFrame({"a": RANDOM.normal(size=2000), "b": RANDOM.normal(size=2000), "w": "x"})
TABLE["label"] = (TABLE["a"] + 0.3 * RANDOM.normal(size=2000) > 0).astype(int)


def test_it_learns_and_scores_rows_alike_each_time():
    model = lightgbm_train(TABLE)
    first, second = (lightgbm_predict(model, TABLE)["prediction_score"] for _ in range(2))
    assert first.equals(second)
    assert ((first > 0.5) == TABLE["label"]).mean() > 0.9
    assert isinstance(model.document["text"], str)


def test_the_feature_that_decides_is_ranked_first():
    report = shap_report(lightgbm_train(TABLE), TABLE)
    assert next(iter(report.document["features"])) == "a"
    (bars,) = report.document["plots"]
    assert bars["kind"] == "vega-lite"


def test_one_class_only_is_refused():
    with pytest.raises(Exception, match="two values"):
        lightgbm_train(TABLE.assign(label=1))
