"""PAI's contract of FM train and FM predict, against a second implementation."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from components.ctr._kv import read_kv
from components.ctr.embedding import embedding
from components.ctr.fm_predict import fm_predict
from components.ctr.fm_train import fm_train
from components.ctr.linear import linear
from components.ctr.predict import predict
from components.ctr.train import train
from studio.component import ComponentError, Model
from studio.parameters import complete_parameters
from studio.signature import describe, parameter_model

from .builders import LABEL, planted

Array = np.ndarray[Any, np.dtype[Any]]

pytestmark = pytest.mark.slow

PAI = {
    "tensorColName": "",
    "task": "binary_classification",
    "numEpochs": 10,
    "dim": "1,1,10",
    "learnRate": 0.01,
    "lambda": "0.01,0.01,0.01",
    "initStdev": 0.05,
}
KEYS = np.array([2, 7, 100, 5_000_000_000])  # any whole numbers, with gaps


def clicks(rows: int = 300, seed: int = 0) -> pa.Table:
    """Rows of one to four keys, with clicks where two of them are both there or both not."""
    random = np.random.default_rng(seed)
    there = random.random((rows, 4)) < 0.6
    there[:, 0] |= ~there.any(1)
    value = np.round(random.uniform(0.5, 1.5, (rows, 4)), 3)
    texts = [
        ",".join(f"{KEYS[k]}:{value[row, k]}" for k in np.flatnonzero(there[row]))
        for row in range(rows)
    ]
    odds = 4.0 * (there[:, 1] == there[:, 2]) - 2
    label = (random.random(rows) < 1 / (1 + np.exp(-odds))).astype(float)
    columns: dict[str, Any] = {"features": texts, LABEL: label, "id": np.arange(rows)}
    return pa.table(columns)


def quick(table: pa.Table, **more: Any) -> Model:
    given: dict[str, Any] = {"tensor_col_name": "features", "label_col_name": LABEL}
    return fm_train(table, **{**given, "num_epochs": 3, "batch_size": 64, **more})


def expected_outputs(model: Model, texts: list[Any]) -> Array:
    """What an FM makes of texts, pair by pair."""
    arrays = {name: np.asarray(array, np.float64) for name, array in model.arrays.items()}
    keys = {int(key): place for place, key in enumerate(model.arrays["feature_keys"], 1)}
    (weights,) = [arrays[name] for name in arrays if name.endswith("_weights")]
    (factors,) = [arrays[name] for name in arrays if name.endswith("_factors")]
    outputs = []
    for text in texts:
        cells = [cell.split(":") for cell in text.split(",") if cell]
        known = [(keys[int(key)], float(x)) for key, x in cells if int(key) in keys]
        output = float(arrays["output_bias"]) + sum(weights[at] * x for at, x in known)
        for (i, x), (j, y) in combinations(known, 2):
            output += factors[i] @ factors[j] * x * y
        outputs.append(output)
    return np.array(outputs)


def test_parameters_have_the_names_and_defaults_of_pai() -> None:
    spec = describe(fm_train, package="ctr", file="fm_train.py", digest="")
    given = {"labelColName": LABEL}
    found = complete_parameters(spec, given)
    assert {name: found[name] for name in PAI} == PAI
    values: Any = parameter_model(fm_train).model_validate(found)
    assert values.lambda_ == "0.01,0.01,0.01"
    names = describe(fm_predict, package="ctr", file="", digest="").parameters["properties"]
    pai = ["predResultColName", "predScoreColName", "predDetailColName", "keepColNames"]
    assert list(names) == pai


def test_scores_of_sparse_texts_equal_a_second_implementation() -> None:
    model = quick(clicks(), learn_rate=0.3)
    table = pa.table({"features": ["2:1.0,7:0.5,100:2", "", "7:1,3:9,5000000000:0.1", "3:1"]})
    expected = 1 / (1 + np.exp(-expected_outputs(model, table["features"].to_pylist())))
    scored = fm_predict(model, table)
    assert scored["prediction_score"].to_numpy() == pytest.approx(expected, abs=1e-6)
    assert scored["prediction_result"].to_pylist() == (expected >= 0.5).astype(int).tolist()
    detail = json.loads(str(scored["prediction_detail"][0]))
    assert detail == pytest.approx({"0": 1 - expected[0], "1": expected[0]}, abs=1e-6)


def test_an_fm_learns_what_two_keys_do_together() -> None:
    model = quick(clicks(3000), num_epochs=30, learn_rate=0.1, lambda_="0,0,0")
    test = clicks(2000, seed=1)
    score = fm_predict(model, test)["prediction_score"].to_numpy()
    alone = quick(clicks(3000), num_epochs=30, learn_rate=0.1, lambda_="0,0,0", dim="1,1,0")
    score_alone = fm_predict(alone, test)["prediction_score"].to_numpy()
    areas = [roc_auc_score(test[LABEL].to_numpy(), one) for one in (score, score_alone)]
    assert areas[0] > areas[1] + 0.1


def test_a_regression_predicts_the_value_itself() -> None:
    random = np.random.default_rng(0)
    x, y = random.normal(size=(2, 2000))
    table = pa.table({"x": x, "y": y, "target": 40 + 2 * x - y + 0.5 * x * y})
    settings: dict[str, Any] = {"task": "regression", "lambda_": "0,0,0", "learn_rate": 0.3}
    model = fm_train(
        table, tensor_col_name="x, y", label_col_name="target", num_epochs=60, batch_size=100,
        **settings,
    )  # fmt: skip
    scored = fm_predict(model, table)
    error = scored["prediction_score"].to_numpy() - table["target"].to_numpy()
    assert np.sqrt(np.mean(error**2)) < 0.2
    assert scored["prediction_result"].equals(scored["prediction_score"])


@pytest.mark.parametrize(
    ("dim", "roles"),
    [
        ("1,1,4", {"bias", "weights", "factors"}),
        ("0,1,4", {"weights", "factors"}),
        ("1,0,4", {"bias", "factors"}),
        ("1,1,0", {"bias", "weights"}),
        ("0,0,4", {"factors"}),
    ],
)
def test_dim_chooses_the_orders(dim: str, roles: set[str]) -> None:
    model = quick(clicks(), dim=dim)
    names = {name.rsplit("_", 1)[1] for name in model.arrays if name != "feature_keys"}
    assert names == roles
    widths = [array.shape[1] for name, array in model.arrays.items() if name.endswith("factors")]
    assert widths == [4] * ("factors" in roles)
    assert len(fm_predict(model, clicks(5))) == 5


@pytest.mark.parametrize("place", [0, 1, 2])
def test_lambda_shrinks_the_weights_of_its_order(place: int) -> None:
    none, much = (["0"] * 3 for _ in range(2))
    much[place] = "5"
    roles = ("output_bias", "_weights", "_factors")
    sizes = [
        float(np.abs(next(a for n, a in model.arrays.items() if n.endswith(roles[place]))).sum())
        for model in (
            quick(clicks(), lambda_=",".join(text), learn_rate=0.1, num_epochs=20)
            for text in (none, much)
        )
    ]
    assert sizes[1] < 0.7 * sizes[0]


def test_the_columns_to_write_and_to_keep_are_chosen_by_name() -> None:
    model = quick(clicks())
    scored = fm_predict(
        model, clicks(5), pred_result_col_name="r", pred_score_col_name="s",
        pred_detail_col_name="d", keep_col_names="id,clicked",
    )  # fmt: skip
    assert scored.column_names == ["id", "clicked", "r", "s", "d"]
    with pytest.raises(ComponentError, match="Two columns would be called 'id'") as refusal:
        fm_predict(model, clicks(5), pred_score_col_name="id", keep_col_names="id")
    assert refusal.value.parameter == "keepColNames"
    with pytest.raises(ComponentError, match="no column 'x' to keep"):
        fm_predict(model, clicks(5), keep_col_names="x")


def test_a_model_of_a_feature_map_is_scored_by_predict_and_fm_predict_alike(tmp_path: Path) -> None:
    data = planted(200, [5, 4], numbers=1)
    model = fm_train(data.table, data.feature_map, label_col_name=LABEL, num_epochs=3)
    model.write(tmp_path)
    model = Model.read(tmp_path)
    scores = [score(model, data.table)["prediction_score"] for score in (fm_predict, predict)]
    assert scores[0].equals(scores[1])


def test_a_model_of_plain_columns_is_not_for_predict() -> None:
    with pytest.raises(ComponentError, match="on plain columns") as refusal:
        predict(quick(clicks()), clicks())
    assert refusal.value.hint == "Score it with 'fm_predict'."
    data = planted(60, [5])
    other = train(data.examples, [linear(embedding(data.feature_map))], epochs=1)
    with pytest.raises(ComponentError, match="not trained by 'fm_train'"):
        fm_predict(other, data.table)


@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 2**63 - 1), st.floats(-1e6, 1e6, width=32)), max_size=5),
        max_size=6,
    )
)
def test_reading_sparse_texts_finds_every_cell(rows: list[list[tuple[int, float]]]) -> None:
    texts = [", ".join(f"{key}:{value!r}" for key, value in row) for row in rows]
    found = read_kv(pa.chunked_array([pa.array(texts, pa.string())]), "features")
    assert found.length.tolist() == [len(row) for row in rows]
    assert found.key.tolist() == [key for row in rows for key, _ in row]
    assert found.value.tolist() == [value for row in rows for _, value in row]


@pytest.mark.parametrize(
    "text",
    ["1", "1:a", "a:1", "1:2:3", "-1:1", "1:1,", "1:nan", "1:1e99", "99999999999999999999:1"],
)
def test_a_text_that_is_no_list_of_cells_is_refused_with_its_row(text: str) -> None:
    column = pa.chunked_array([pa.array(["1:1", "", None, text, "2:1"])])
    with pytest.raises(ComponentError, match="in row 4, which is no list of key:value") as refusal:
        read_kv(column, "features")
    assert (refusal.value.code, refusal.value.row) == ("kv.invalid", 4)


REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "two orders": ({"dim": "1,1"}, "dim", "takes three numbers"),
    "no weights": ({"dim": "1,0,0"}, "dim", "without a weight"),
    "text in dim": ({"dim": "a,b,c"}, "dim", "takes three numbers"),
    "negative lambda": ({"lambda_": "0,0,-1"}, "lambda", "takes three numbers"),
    "no features": ({"tensor_col_name": ""}, "tensorColName", "No feature column"),
    "unknown column": ({"tensor_col_name": "featurs"}, "tensorColName", "no column 'featurs'"),
    "unknown label": ({"label_col_name": "x"}, "labelColName", "no column 'x'"),
    "not a class": ({"label_col_name": "id"}, "labelColName", "must be 0 or 1"),
    "diverges": ({"label_col_name": "id", "task": "regression", "learn_rate": 1e30}, "learnRate",
                 "went astray"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_trained_is_refused_by_its_pai_name(case: str) -> None:
    more, parameter, message = REFUSED[case]
    with pytest.raises(ComponentError, match=message) as refusal:
        quick(clicks(), **more)
    assert refusal.value.parameter == parameter
    assert refusal.value.hint
