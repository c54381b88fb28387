"""The forward pass against a second implementation: NumPy, double precision, pair by pair."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args, get_type_hints

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from components.ctr._blocks import merge
from components.ctr._layer import Pass
from components.ctr._model import network_of
from components.ctr._network import Output, build_network, forward, fuse, initialise, unfuse
from components.ctr._scoring import Scorer, sigmoid
from components.ctr.attention import attention
from components.ctr.cin import cin
from components.ctr.cross_network import cross_network
from components.ctr.dnn import dnn
from components.ctr.embedding import embedding
from components.ctr.fm import fm
from components.ctr.linear import linear
from components.ctr.wide import wide
from studio.component import ComponentError, Embedding, FeatureMap, Logit, Model

from .builders import (
    categorical,
    deepfm,
    feature_map,
    multi_valued,
    numeric,
    planted,
    quick_model,
    random_weights,
)
from .reference import ACTIVATIONS, pair_sums, probabilities

Array = np.ndarray[Any, np.dtype[Any]]
Choose = Callable[[Embedding], list[Logit]]

pytestmark = pytest.mark.slow

FIELDS, FACTORS = 4, 3
VECTORS = arrays(
    np.float64,
    st.tuples(st.integers(1, 3), st.just(FIELDS), st.just(FACTORS)),
    elements=st.floats(-9, 9, width=32),
)


def fm_logits(vectors: Array, combine: str, kernel: Array) -> Array:
    """The logits of a network of one FM, for rows of vectors given as they are."""
    base = embedding(feature_map([2] * FIELDS), dimension=FACTORS)
    network = build_network(*merge([fm(base)]), Output(combine))
    weights = {name: tf.constant(0.0, tf.float64) for name in ("output_bias",)}
    weights["projection_kernel"] = tf.constant(kernel)
    rows = {network.tables[0].factors: tf.constant(vectors)}
    ones = tf.ones(vectors.shape[:2], tf.float64)
    index = tf.zeros(vectors.shape[:2], tf.int32)
    result: Array = forward(network, rows, index, ones, Pass(weights)).numpy()
    return result


@settings(deadline=None, max_examples=50)
@given(VECTORS)
def test_an_fm_adds_the_products_of_all_pairs_of_fields(vectors: Array) -> None:
    expected = pair_sums(vectors).sum(1)
    assert fm_logits(vectors, "sum", np.zeros(FACTORS)) == pytest.approx(expected, abs=1e-9)


@settings(deadline=None, max_examples=50)
@given(VECTORS, arrays(np.float64, FACTORS, elements=st.floats(-2, 2, width=32)))
def test_a_projected_fm_keeps_the_factors_apart(vectors: Array, kernel: Array) -> None:
    expected = pair_sums(vectors) @ kernel
    assert fm_logits(vectors, "projection", kernel) == pytest.approx(expected, abs=1e-9)


CASES: dict[str, Choose] = {
    "lr": lambda base: [linear(base)],
    "fm": lambda base: [linear(base), fm(base)],
    "deepfm": deepfm,
    "dnn": lambda base: [dnn(base, hidden_units=[5])],
    "batch norm": lambda base: deepfm(base, batch_norm=True, dropout=[0.2, 0.3, 0.1]),
    "two towers": lambda base: [dnn(base, hidden_units=[5]), dnn(base, hidden_units=[4, 3])],
    "dcn": lambda base: [cross_network(base), dnn(base, hidden_units=[5])],
    "low rank": lambda base: [cross_network(base, layers=2, rank=2)],
    "xdeepfm": lambda base: [linear(base), cin(base, maps=[4, 3]), dnn(base, hidden_units=[5])],
    "cin with relu": lambda base: [cin(base, maps=[4, 3, 2], activation="relu")],
    "autoint": lambda base: [attention(base, layers=2, heads=2, head_size=3)],
    "attention alone": lambda base: [attention(base, layers=1, residual=False, head_size=6)],
    "wide and deep": lambda base: [
        linear(base),
        wide(base, crosses=[["c0", "c1"], ["x1", "c0", "c1"]], buckets=7),
        dnn(base, hidden_units=[5]),
    ],
    "two linears": lambda base: [linear(base), linear(base, l2=0.1), fm(base)],
}


def check_scores(logits: Choose, combine: str) -> None:
    data = planted(40, [4, 3], numbers=2)
    base = embedding(data.feature_map, dimension=3)
    network = build_network(*merge(logits(base)), Output(combine))
    document = {"blocks": network.blocks, "heads": network.heads, "combine": combine}
    model = random_weights(Model(document, initialise(network, 1)))
    index, value = (data.examples.arrays[name] for name in ("feat_index", "feat_value"))
    scores = Scorer(network_of(model))(model.arrays, index, value)
    assert scores == pytest.approx(probabilities(model, index, value), abs=1e-5)
    assert np.ptp(scores) > 0.02


@pytest.mark.parametrize("combine", ["sum", "projection"])
@pytest.mark.parametrize("case", CASES)
def test_scores_equal_a_second_implementation(case: str, combine: str) -> None:
    check_scores(CASES[case], combine)


LISTS: dict[str, Choose] = {
    **{name: CASES[name] for name in ("lr", "deepfm", "dcn", "low rank", "xdeepfm", "autoint")},
    "wide and deep": lambda base: [wide(base, crosses=[["c0", "x0"]]), dnn(base)],
}


@pytest.mark.parametrize("combine", ["sum", "projection"])
@pytest.mark.parametrize("case", LISTS)
def test_a_multi_valued_field_is_one_field_with_a_pooled_vector(case: str, combine: str) -> None:
    mapping = map_with_lists()
    network = build_network(*merge(LISTS[case](embedding(mapping, dimension=3))), Output(combine))
    document = {"blocks": network.blocks, "heads": network.heads, "combine": combine}
    model, random = (
        random_weights(Model(document, initialise(network, 1))),
        np.random.default_rng(3),
    )
    index = random.integers(0, mapping.document["feature_size"], (40, 7)).astype(np.int32)
    value = random.uniform(0, 1, index.shape).astype(np.float32)
    scores = Scorer(network_of(model))(model.arrays, index, value)
    assert scores == pytest.approx(probabilities(model, index, value), abs=1e-5)
    assert np.ptp(scores) > 0.02


def test_items_of_one_list_do_not_interact() -> None:
    mapping = FeatureMap({"fields": multi_valued("tags", 0, 4, 3), "feature_size": 6})
    network = build_network(*merge([fm(embedding(mapping, dimension=3))]), Output(bias=False))
    document = {"blocks": network.blocks, "heads": network.heads, "combine": "sum", "bias": False}
    model = random_weights(Model(document, initialise(network, 1)))
    index = np.array([[2, 3, 4]], np.int32)
    scores = Scorer(network_of(model))(model.arrays, index, np.ones((1, 3), np.float32))
    assert scores == pytest.approx([0.5], abs=1e-7)


def test_a_multi_valued_field_cannot_be_crossed() -> None:
    with pytest.raises(ComponentError, match="'tags' is multi-valued") as refusal:
        wide(embedding(map_with_lists()), crosses=[["c0", "tags"]])
    assert (refusal.value.code, refusal.value.parameter) == ("column.use", "crosses")


def map_with_lists() -> FeatureMap:
    """Five fields of seven cells: x0, tags (3 cells), c0, c1, x1."""
    fields = [
        numeric("x0", 0),
        *multi_valued("tags", 2, 4, 3),
        categorical("c0", 8, 3),
        categorical("c1", 13, 2),
        numeric("x1", 17),
    ]
    return FeatureMap({"fields": fields, "feature_size": 19})


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_is_the_textbook_one(activation: Any) -> None:
    check_scores(lambda base: [dnn(base, hidden_units=[5], activation=activation)], "sum")


def test_there_is_a_textbook_for_every_activation() -> None:
    choices = get_args(get_args(get_type_hints(dnn, include_extras=True)["activation"])[0])
    assert sorted(choices) == sorted(ACTIVATIONS)


def test_scores_do_not_depend_on_how_many_rows_are_scored_at_a_time() -> None:
    data = planted(50, [4, 3])
    model = random_weights(quick_model(data, deepfm))
    index, value = (data.examples.arrays[name] for name in ("feat_index", "feat_value"))
    scores = [Scorer(network_of(model), size)(model.arrays, index, value) for size in (7, 50, 8192)]
    assert scores[0] == pytest.approx(scores[1], abs=1e-6)
    assert np.array_equal(scores[1], scores[2])


def test_fusing_a_table_and_taking_it_apart_is_the_identity() -> None:
    base = embedding(feature_map([4, 3]), dimension=3)
    network = build_network(*merge(CASES["two linears"](base)), Output())
    weights, random = initialise(network, 0), np.random.default_rng(0)
    (table,) = network.tables
    names = [table.factors, *map(table.weights, table.linears)]
    weights |= {name: np.asarray(random.normal(size=weights[name].shape)) for name in names}
    apart = unfuse(table, fuse(table, weights))
    assert sorted(apart) == sorted(names)
    assert all(np.array_equal(apart[name], weights[name]) for name in names)


def test_factors_that_no_block_uses_take_no_memory() -> None:
    network = build_network(*merge([linear(embedding(feature_map([4, 3])))]), Output())
    assert network.tables[0].columns == 1


@given(arrays(np.float32, 5, elements=st.floats(-1e4, 1e4, width=32)))
def test_probabilities_never_overflow(logits: Array) -> None:
    with np.errstate(over="raise"):
        found = sigmoid(logits)
    assert ((found >= 0) & (found <= 1)).all()
