"""An exported model scores raw rows in a process that has TensorFlow alone, as `predict` does."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from components.ctr.attention import attention
from components.ctr.cin import cin
from components.ctr.cross_network import cross_network
from components.ctr.embedding import embedding
from components.ctr.encode import encode
from components.ctr.export_model import export_model
from components.ctr.feature_map import feature_map as fit_feature_map
from components.ctr.fm_train import fm_train
from components.ctr.gbdt import gbdt
from components.ctr.linear import linear
from components.ctr.predict import predict
from components.ctr.train import train
from components.ctr.wide import wide
from studio.component import ComponentError, Embedding, FeatureMap, Logit, Model

from .builders import LABEL, deepfm, make_examples, planted, quick_model, random_weights

Array = np.ndarray[Any, np.dtype[Any]]
Choose = Callable[[Embedding], list[Logit]]

pytestmark = pytest.mark.slow

# What a stranger does: no module of this project, columns from a file, scores into a file.
STRANGER = """
import json, sys
import ibis
import numpy as np
import tensorflow as tf
folder, columns, target = sys.argv[1:]
model = tf.saved_model.load(folder)
told = json.load(open(folder + "/columns.json"))
given = json.load(open(columns))
types = {"float64": tf.float64, "string": tf.string}
inputs = {told[c]["input"]: tf.constant(given[c], types[told[c]["type"]]) for c in told}
found = model.signatures["serving_default"](**inputs)
foreign = [name for name in sys.modules if name.split(".")[0] in ("studio", "components")]
json.dump({
    "score": found["prediction_score"].numpy().tolist(),
    "result": found["prediction_result"].numpy().tolist(),
    "foreign": foreign,
}, open(target, "w"))
"""


# Saving a SavedModel leaves Arrow's `index_in` spinning for ever in the same process, as TensorFlow
# 2.21 and PyArrow 26 are; a step has a process of its own, and so has this.
EXPORTER = """
import json, pathlib, sys
from components.ctr.export_model import export_model
from studio.component import Model, context
folder, settings = sys.argv[1:]
context.attach_folders(pathlib.Path(folder), None)
model = Model.read(pathlib.Path(folder) / "written")
print(export_model(model, **json.loads(settings)).path)
"""


def exported(model: Model, folder: Path, **settings: Any) -> Path:
    (folder / "written").mkdir()
    model.write(folder / "written")
    arguments = [str(folder), json.dumps(settings)]
    done = subprocess.run(
        [sys.executable, "-c", EXPORTER, *arguments], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.splitlines()[-1])


def stranger_scores(
    model: Model, table: pa.Table, folder: Path, missing_text: str = ""
) -> dict[str, Any]:
    """What the exported model gives for the rows, in a process of its own."""
    file = exported(model, folder, missing_text=missing_text)
    zipfile.ZipFile(file).extractall(folder / "unpacked")
    columns = {
        name: [spell(value, table[name].type, missing_text) for value in table[name].to_pylist()]
        for name in table.column_names
    }
    (folder / "columns.json").write_text(json.dumps(columns))
    target = folder / "scores.json"
    arguments = [str(folder / "unpacked"), str(folder / "columns.json"), str(target)]
    subprocess.run(
        [sys.executable, "-I", "-c", STRANGER, *arguments], check=True, cwd=folder,
        capture_output=True,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(target.read_text())
    return found


def spell(value: Any, type_: pa.DataType, missing_text: str) -> Any:
    """A value of the table as the exported model takes it, by the README."""
    if pa.types.is_floating(type_):
        return float("nan") if value is None else value
    if value is None:
        return missing_text
    return str(value).lower() if isinstance(value, bool) else str(value)


def check(model: Model, table: pa.Table, folder: Path, missing_text: str = "") -> None:
    expected = predict(model, table)
    found = stranger_scores(model, table, folder, missing_text)
    assert found["foreign"] == []
    score = expected["prediction_score"].to_numpy()
    assert np.array(found["score"]) == pytest.approx(score, abs=1e-6)
    assert found["result"] == expected["prediction_result"].to_pylist()
    assert np.ptp(score) > 0.02


def with_gaps(table: pa.Table) -> pa.Table:
    """Some rows with a missing value, and some with one that was never seen."""
    columns: dict[str, Any] = {}
    for number, name in enumerate(table.column_names):
        values = table[name].to_pylist()
        for row in range(number, len(values), 4):
            values[row] = None
        if isinstance(table[name][1].as_py(), str):
            for row in range(number + 1, len(values), 5):
                values[row] = "never seen, ünbekannt"
        columns[name] = pa.array(values, table[name].type)
    return pa.table(columns)


DATA = planted(80, [5, 4], numbers=1)
BLOCKS: dict[str, Choose] = {
    "deepfm": lambda base: deepfm(base, batch_norm=True),
    "wide": lambda base: [
        *deepfm(base),
        wide(base, crosses=[["c0", "c1"], ["c1", "x0"]], buckets=9),
    ],
    "crossing": lambda base: [
        cross_network(base, layers=2, rank=2),
        cin(base, maps=[3, 2]),
        attention(base, layers=1, head_size=4),
    ],
}


@pytest.mark.parametrize("case", BLOCKS)
@pytest.mark.parametrize("combine", ["sum", "projection"])
def test_every_block_scores_the_same_elsewhere(case: str, combine: str, tmp_path: Path) -> None:
    model = random_weights(quick_model(DATA, BLOCKS[case], combine=combine))
    check(model, with_gaps(DATA.table.drop_columns([LABEL])), tmp_path)


def test_missing_values_of_the_feature_map_are_missing_elsewhere(tmp_path: Path) -> None:
    document = {**DATA.feature_map.document, "missing_values": ["-1", "v1"]}
    model = quick_model(DATA, deepfm)
    model = random_weights(Model({**model.document, "feature_map": document}, model.arrays))
    table = with_gaps(DATA.table)
    numbers = table["x0"].to_pylist()
    numbers[:5] = [-1.0] * 5
    place = table.column_names.index("x0")
    table = table.set_column(place, "x0", pa.array(numbers))
    plain = random_weights(quick_model(DATA, deepfm))
    assert not predict(model, table)["prediction_score"].equals(
        predict(plain, table)["prediction_score"]
    )
    check(model, table, tmp_path)


def many_kinds(rows: int, seed: int) -> pa.Table:
    """Columns for every kind of field, with gaps, and texts that only another seed has."""
    random = np.random.default_rng(seed)
    words = [f"wört {number}" for number in range(seed, seed + 6)]

    def lists(mark: str) -> list[str]:
        return [
            "|".join(f"{random.choice(words)}{mark}" for _ in range(random.integers(0, 5)))
            for _ in range(rows)
        ]

    columns: dict[str, Any] = {
        **{name: np.round(random.normal(0, 50, rows), 2) for name in ("x", "y", "q", "w")},
        "user": random.integers(-1, 9, rows),
        **{name: random.choice(words, rows) for name in ("city", "other", "page")},
        "plain": lists(""),
        "weighted": [text.replace("#", f":{seed + 1}.5") for text in lists("#")],
        LABEL: random.integers(0, 2, rows),
    }
    table = pa.table(columns)
    for number, name in enumerate(table.column_names[:-1]):
        gaps = pa.array(np.arange(rows) % 11 == number)
        gone = pa.scalar(None, table[name].type)
        table = table.set_column(number, name, pc.if_else(gaps, gone, table[name]))
    return table


def test_every_kind_of_field_is_encoded_inside(tmp_path: Path) -> None:
    pq.write_table(many_kinds(300, 0), tmp_path / "table.parquet")
    mapping = fit_feature_map(
        ibis.duckdb.connect().read_parquet(tmp_path / "table.parquet"),
        label=LABEL,
        numeric=["x", "y", "q", "w"],
        transforms={"y": "log", "q": "quantile", "w": "equal_width"},
        hashed=["page"],
        hash_buckets=7,
        multi_valued=["plain", "weighted"],
        weight_separator=":",
        max_values=3,
        crosses=[["user", "city"]],
        shared=[["city", "other"]],
        missing_values=[-1, "wört 3"],
    )
    kinds = {field["type"] for field in mapping.document["fields"]}
    assert kinds == {"numeric", "bucket", "categorical", "hashed"}
    examples = encode(many_kinds(300, 0), mapping)
    base = embedding(mapping, dimension=3, initial_stdev=0.3)
    model = random_weights(train(examples, deepfm(base), epochs=1))
    check(model, many_kinds(200, 2), tmp_path)


def test_columns_with_any_name_can_be_given(tmp_path: Path) -> None:
    (one, two) = ("用户 id", "class")
    renamed = {"c0": one, "c1": two, "x0": "x-0 (€)"}
    fields = [
        {**field, "name": renamed[field["name"]]} for field in DATA.feature_map.document["fields"]
    ]
    mapping = FeatureMap({**DATA.feature_map.document, "fields": fields})
    arrays = DATA.examples.arrays
    examples = make_examples(
        mapping, arrays["feat_index"], arrays["feat_value"], np.asarray(arrays["label"])
    )
    base = embedding(mapping, dimension=3, initial_stdev=0.3)
    model = random_weights(train(examples, deepfm(base), epochs=1))
    table = DATA.table.rename_columns([renamed.get(name, name) for name in DATA.table.column_names])
    check(model, table, tmp_path)


def test_the_empty_text_may_be_a_category(tmp_path: Path) -> None:
    fields = [dict(field) for field in DATA.feature_map.document["fields"]]
    fields[1]["values"] = ["", *fields[1]["values"][1:]]
    document = {**DATA.feature_map.document, "fields": fields}
    model = quick_model(DATA, deepfm)
    model = random_weights(Model({**model.document, "feature_map": document}, model.arrays))
    with pytest.raises(ComponentError, match="'' is a category of 'c0'") as refusal:
        export_model(model)
    assert refusal.value.parameter == "missing_text"
    place = DATA.table.column_names.index("c0")
    empty = [None if row % 3 else "" for row in range(80)]
    check(model, DATA.table.set_column(place, "c0", pa.array(empty)), tmp_path, r"\N")


def test_a_model_of_fm_train_on_a_feature_map_is_exported(tmp_path: Path) -> None:
    model = fm_train(DATA.table, DATA.feature_map, label_col_name=LABEL, learn_rate=0.3)
    check(model, with_gaps(DATA.table.drop_columns([LABEL])), tmp_path)


@pytest.mark.parametrize("rows", [0, 1])
def test_any_number_of_rows_is_scored(rows: int, tmp_path: Path) -> None:
    model = random_weights(quick_model(DATA, deepfm))
    found = stranger_scores(model, DATA.table.slice(0, rows), tmp_path)
    assert len(found["score"]) == rows


def test_the_zip_tells_how_to_use_it(tmp_path: Path) -> None:
    file = exported(quick_model(DATA, lambda base: [linear(base)]), tmp_path, name="clicks-1.0")
    assert file.name == "clicks-1.0.zip"
    archive = zipfile.ZipFile(file)
    assert "tf.saved_model.load" in archive.read("README.md").decode()
    told = json.loads(archive.read("columns.json"))
    assert told["x0"] == {"input": "x0", "type": "float64"}
    assert told["c0"] == {"input": "c0", "type": "string"}


REFUSED: dict[str, tuple[Callable[[], Model], str]] = {
    "trees": (lambda: gbdt(DATA.examples, trees=2), "boosted trees"),
    "plain columns": (
        lambda: fm_train(DATA.table, tensor_col_name="x0", label_col_name=LABEL),
        "on plain columns",
    ),
    "a future kind of field": (lambda: with_field(type="from_the_future"), "fields of type from_"),
    "a number and a text": (lambda: with_field(columns=["x0", "c0"]), "as a number and as a text"),
}


def with_field(**more: Any) -> Model:
    model = quick_model(DATA, lambda base: [linear(base)])
    fields = [dict(field) for field in DATA.feature_map.document["fields"]]
    fields[1] |= more
    document = {**DATA.feature_map.document, "fields": fields}
    return Model({**model.document, "feature_map": document}, model.arrays)


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_exported_is_refused(case: str) -> None:
    make, message = REFUSED[case]
    with pytest.raises(ComponentError, match=message) as refusal:
        export_model(make())
    assert refusal.value.hint
