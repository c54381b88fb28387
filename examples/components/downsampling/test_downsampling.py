"""Down-sampling, and the calibration that undoes it."""

import numpy as np
import pandas as pd
import pytest
from downsampling import calibrate, downsample

RANDOM = np.random.default_rng(0)
TABLE = pd.DataFrame({"x": RANDOM.normal(size=20_000), "label": RANDOM.random(20_000) < 0.05})
TABLE["label"] = TABLE["label"].astype(int)


def test_every_positive_is_kept_and_the_share_of_the_negatives():
    kept, report = downsample(TABLE, share=0.1)
    assert kept["label"].sum() == TABLE["label"].sum()
    negatives = (kept["label"] == 0).sum() / (TABLE["label"] == 0).sum()
    assert negatives == pytest.approx(0.1, abs=0.01)
    assert report.document["rows"]["before"] == 20_000


@pytest.mark.parametrize("share", [0.05, 0.3, 1.0])
def test_calibrated_scores_have_the_base_rate_of_all_rows(share):
    kept, _ = downsample(TABLE, share=share)
    scored = pd.DataFrame({"amount": [kept["label"].mean()]})
    right = calibrate(scored, share=share)["amount"][0]
    assert right == pytest.approx(TABLE["label"].mean(), rel=0.05)


def test_a_label_of_more_than_two_values_is_refused():
    with pytest.raises(Exception, match="more than 0 and 1"):
        downsample(TABLE.assign(label=2))
