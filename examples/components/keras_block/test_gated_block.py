"""The layer by itself, as any layer of Keras is tested."""

import keras
import numpy as np
from gated_block import gated_block

FACTORS = np.random.default_rng(0).normal(size=(5, 3, 4)).astype("float32")


def test_it_makes_units_of_the_embedded_fields():
    assert gated_block(None, units=7)(FACTORS).shape == (5, 7)


def test_a_gate_lets_at_most_its_value_through():
    layer = gated_block(None, units=7)
    gated, value = layer(FACTORS), layer.value(layer.flat(FACTORS))
    assert np.all(np.abs(gated) <= np.abs(value))


def test_dropout_is_for_training_only():
    layer = gated_block(None, dropout=0.5)
    keras.utils.set_random_seed(1)
    assert np.array_equal(layer(FACTORS), layer(FACTORS))
    assert not np.array_equal(layer(FACTORS, training=True), layer(FACTORS))
