"""What the describing components write, and what they refuse."""

from __future__ import annotations

import itertools
import json

import pytest

from components.ctr._blocks import merge
from components.ctr.dnn import dnn
from components.ctr.embedding import embedding
from components.ctr.fm import fm
from components.ctr.linear import linear
from components.ctr.wide import wide
from studio.component import ComponentError, FeatureMap, canonical_json, digest_json

from .builders import feature_map

MAP = feature_map([3, 4], numbers=1)


def test_the_id_of_a_block_is_the_digest_of_what_it_says() -> None:
    blocks = dnn(embedding(MAP)).document["blocks"]
    for block in blocks:
        content = {key: block[key] for key in ("type", "inputs", "parameters")}
        assert block["id"] == digest_json(content)[:16]
    assert [block["type"] for block in blocks] == ["embedding", "dnn"]
    assert blocks[1]["inputs"] == [blocks[0]["id"]]


def test_an_embedding_names_its_feature_map_by_content() -> None:
    parameters = embedding(MAP, dimension=5).document["blocks"][0]["parameters"]
    assert parameters["feature_map"] == digest_json(MAP.document)
    assert parameters["feature_size"] == MAP.document["feature_size"] == 13
    assert parameters["fields"] == ["x0", "c0", "c1"]
    again = FeatureMap(json.loads(canonical_json(MAP.document)), digest="of the artifact")
    assert embedding(again, dimension=5).document == embedding(MAP, dimension=5).document


def test_a_description_is_canonical_json_already() -> None:
    for description in (embedding(MAP), linear(embedding(MAP)), dnn(embedding(MAP))):
        document = json.loads(canonical_json(description.document))
        assert document == description.document
        assert document["format"] == 1


def test_a_name_keeps_equal_descriptions_apart() -> None:
    base = embedding(MAP)
    assert fm(base).document == fm(base).document
    assert fm(base).document != fm(base, name="second").document
    assert embedding(MAP).document != embedding(MAP, name="second").document


def test_a_shared_embedding_is_one_block() -> None:
    base = embedding(MAP)
    blocks, heads = merge([linear(base), fm(base), dnn(base)])
    assert sorted(block["type"] for block in blocks) == ["dnn", "embedding", "fm", "linear"]
    assert len(heads) == 3


def test_the_order_of_the_edges_changes_nothing() -> None:
    base = embedding(MAP)
    logits = [linear(base), fm(base), dnn(base)]
    merged = [merge(order) for order in itertools.permutations(logits)]
    assert all(one == merged[0] for one in merged)


def test_the_same_block_twice_is_refused() -> None:
    base = embedding(MAP)
    with pytest.raises(ComponentError, match="2 of the logits are the same 'fm' block") as refusal:
        merge([fm(base), linear(base), fm(base)])
    assert refusal.value.code == "logits.duplicate"
    assert len(merge([fm(base), fm(base, name="second")])[1]) == 2


@pytest.mark.parametrize("dropout", [[0.5], [0.5, 0.5], [0.5, 0.5, 0.5, 0.5]])
def test_dropout_needs_a_rate_for_the_input_and_every_layer(dropout: list[float]) -> None:
    with pytest.raises(ComponentError, match="2 hidden layers take 3") as refusal:
        dnn(embedding(MAP), hidden_units=[8, 8], dropout=dropout)
    assert refusal.value.parameter == "dropout"


def test_no_dropout_is_the_same_as_rates_of_zero() -> None:
    base = embedding(MAP)
    assert dnn(base, dropout=[]).document == dnn(base, dropout=[0, 0, 0]).document


def test_a_decay_without_batch_normalisation_is_refused() -> None:
    with pytest.raises(ComponentError, match="would do nothing") as refusal:
        dnn(embedding(MAP), batch_norm_decay=0.9)
    assert refusal.value.parameter == "batch_norm_decay"


@pytest.mark.parametrize(
    ("cross", "message"),
    [(["c0", "c3"], "no field 'c3' to cross"), (["c0", "c0"], "has a field twice")],
)
def test_a_cross_of_fields_that_cannot_be_is_refused(cross: list[str], message: str) -> None:
    with pytest.raises(ComponentError, match=message) as refusal:
        wide(embedding(MAP), crosses=[cross])
    assert refusal.value.parameter == "crosses"


def test_a_feature_map_without_fields_is_refused() -> None:
    with pytest.raises(ComponentError, match="no fields"):
        embedding(feature_map([]))
