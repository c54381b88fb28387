"""Vectors of one model that another begins with, and vocabularies that have grown since."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from components.ctr._encoding import encode_table
from components.ctr._warm_start import row_map
from components.ctr.cross_network import cross_network
from components.ctr.embedding import embedding
from components.ctr.fm import fm
from components.ctr.fm_train import fm_train
from components.ctr.linear import linear
from components.ctr.predict import predict
from components.ctr.train import train
from components.ctr.wide import wide
from studio.component import ComponentError, Embedding, FeatureMap, Logit, Model

from .builders import LABEL, Planted, deepfm, make_examples, planted, random_weights

Array = np.ndarray[Any, np.dtype[Any]]

pytestmark = pytest.mark.slow

DATA = planted(200, [5, 4], numbers=1)
STILL: dict[str, Any] = {"epochs": 1, "learning_rate": 1e-12}  # a training that moves nothing


def scores(model: Model, table: pa.Table) -> Array:
    found: Array = predict(model, table)["prediction_score"].to_numpy()
    return found


def trained_fm(**more: Any) -> Model:
    return fm_train(
        DATA.table, DATA.feature_map, label_col_name=LABEL, num_epochs=5, learn_rate=0.3, **more
    )


def grown(data: Planted, values: dict[str, list[str]]) -> tuple[FeatureMap, Any]:
    """The same rows, encoded with vocabularies that begin with new values."""
    fields, first = [], 0
    for field in data.feature_map.document["fields"]:
        copy = dict(field)
        if field["type"] == "categorical":
            copy["values"] = [*values[field["name"]], *field["values"]]
            copy |= {"missing_index": first, "unknown_index": first + 1, "first_index": first + 2}
            first += 2 + len(copy["values"])
        else:
            copy |= {"missing_index": first, "index": first + 1}
            first += 2
        fields.append(copy)
    document = {**data.feature_map.document, "fields": fields, "feature_size": first}
    mapping = FeatureMap(document)
    index, value = encode_table(data.table, document)
    return mapping, make_examples(mapping, index, value, np.asarray(data.examples.arrays["label"]))


BIGGER, BIGGER_EXAMPLES = grown(DATA, {"c0": ["new", "newer"], "c1": ["else"]})


def test_a_network_on_the_vectors_of_an_fm_begins_as_that_fm(tmp_path: Path) -> None:
    source = trained_fm()
    base = embedding(DATA.feature_map, source, dimension=10)
    base.write(tmp_path)
    base = Embedding.read(tmp_path)
    model = train(DATA.examples, [linear(base), fm(base)], **STILL)
    assert scores(model, DATA.table) == pytest.approx(scores(source, DATA.table), abs=1e-6)


def test_a_network_on_the_vectors_of_an_fm_trains_on() -> None:
    base = embedding(DATA.feature_map, trained_fm(), dimension=10)
    model = train(DATA.examples, deepfm(base), epochs=5, learning_rate=0.01)
    losses = [epoch["loss"] for epoch in model.document["training"]["history"]]
    anew = train(DATA.examples, deepfm(embedding(DATA.feature_map, dimension=10)), epochs=1)
    assert losses[-1] < losses[0] < anew.document["training"]["history"][0]["loss"]


def test_another_start_is_another_block() -> None:
    plain = embedding(DATA.feature_map, dimension=10)
    first, again, other = (
        embedding(DATA.feature_map, trained_fm(seed=seed), dimension=10) for seed in (0, 0, 1)
    )
    assert first.document == again.document
    ids = {one.document["blocks"][0]["id"] for one in (plain, first, other)}
    assert len(ids) == 3


def test_values_keep_their_vectors_whatever_their_index() -> None:
    source = trained_fm()
    base = embedding(BIGGER, source, dimension=10)
    model = train(BIGGER_EXAMPLES, [linear(base), fm(base)], **STILL)
    assert scores(model, DATA.table) == pytest.approx(scores(source, DATA.table), abs=1e-6)


def test_rows_are_matched_by_field_and_value() -> None:
    new, old = row_map(DATA.feature_map.document, BIGGER.document)
    assert len(new) == DATA.feature_map.document["feature_size"]
    assert sorted(old) == list(range(len(old)))
    names = [dict(_names(one.document)) for one in (DATA.feature_map, BIGGER)]
    assert [names[1][index] for index in new] == [names[0][index] for index in old]


def _names(document: Any) -> Any:
    for field in document["fields"]:
        for role in ("missing_index", "unknown_index", "index"):
            if role in field:
                yield field[role], (field["name"], role)
        for number, value in enumerate(field.get("values", [])):
            yield field["first_index"] + number, (field["name"], value)


def test_buckets_are_the_same_only_where_their_boundaries_are() -> None:
    def bucketed(*boundaries: float) -> Any:
        field = {"name": "x", "type": "bucket", "transform": "quantile", "missing_index": 0}
        return {"fields": [{**field, "first_index": 1, "boundaries": list(boundaries)}]}

    assert len(row_map(bucketed(1, 2), bucketed(1, 2))[0]) == 4
    assert len(row_map(bucketed(1, 2), bucketed(1, 3))[0]) == 1  # missing stays missing


CHOICES: dict[str, Any] = {
    "sum": deepfm,
    "projection": lambda base: [*deepfm(base), cross_network(base, layers=1)],
}


@pytest.mark.parametrize("combine", CHOICES)
def test_a_model_goes_on_with_a_grown_vocabulary(combine: Any) -> None:
    choose = CHOICES[combine]

    def logits(mapping: FeatureMap) -> list[Logit]:
        chosen: list[Logit] = choose(embedding(mapping, dimension=3, initial_stdev=0.1))
        return chosen

    first = train(DATA.examples, logits(DATA.feature_map), epochs=2, combine=combine)
    first = random_weights(first)
    second = train(BIGGER_EXAMPLES, logits(BIGGER), model=first, combine=combine, **STILL)
    assert scores(second, DATA.table) == pytest.approx(scores(first, DATA.table), abs=1e-6)
    third = train(
        BIGGER_EXAMPLES, logits(BIGGER), model=first, combine=combine, epochs=2, learning_rate=0.01
    )
    assert np.abs(scores(third, DATA.table) - scores(first, DATA.table)).max() > 1e-3


def test_wide_crosses_cannot_go_on_with_moved_indices() -> None:
    def logits(mapping: FeatureMap) -> list[Logit]:
        return [wide(embedding(mapping), crosses=[["c0", "c1"]])]

    first = train(DATA.examples, logits(DATA.feature_map), epochs=1)
    with pytest.raises(ComponentError, match="its wide crosses go by the indices"):
        train(BIGGER_EXAMPLES, logits(BIGGER), model=first, epochs=1)


REFUSED: dict[str, tuple[Any, dict[str, Any], str]] = {
    "dimension": (lambda: trained_fm(), {"dimension": 4}, "vectors of length 10, not 4"),
    "other fields": (
        lambda: fm_train(planted(60, [3]).table, _renamed(), label_col_name=LABEL),
        {"dimension": 10},
        "none of the fields",
    ),
    "plain columns": (
        lambda: fm_train(DATA.table, tensor_col_name="x0", label_col_name=LABEL),
        {"dimension": 10},
        "trained on plain columns",
    ),
}


def _renamed() -> FeatureMap:
    data = planted(60, [3])
    (field,) = data.feature_map.document["fields"]
    return FeatureMap({**data.feature_map.document, "fields": [{**field, "name": LABEL}]})


@pytest.mark.parametrize("case", REFUSED)
def test_an_embedding_refuses_to_start_from_a_model_that_does_not_fit(case: str) -> None:
    make, settings, message = REFUSED[case]
    with pytest.raises(ComponentError, match=message) as refusal:
        embedding(DATA.feature_map, make(), **settings)
    assert refusal.value.hint
