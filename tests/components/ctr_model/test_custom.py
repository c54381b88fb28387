"""A layer of Keras that a package brings is trained, kept and scored as the built-in ones are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from components.ctr import _training
from components.ctr._blocks import merge
from components.ctr._checkpoint import Checkpoints
from components.ctr._network import Output, build_network
from components.ctr.dnn import dnn
from components.ctr.embedding import embedding
from components.ctr.fm import fm
from components.ctr.linear import linear
from components.ctr.predict import predict
from components.ctr.train import train
from studio.component import CUSTOM, ComponentError, Embedding, Logit, Model, add_block, context

from .builders import difference, part_of, planted, same

pytestmark = pytest.mark.slow

DATA = planted(400, [6, 5], numbers=1)
BASE = embedding(DATA.feature_map, dimension=3, initial_stdev=0.3)


class Factorised(keras.Layer):  # type: ignore[misc]
    """What `fm` computes, by operations of Keras; `keep` gives its K sums apart."""

    def __init__(self, keep: bool) -> None:
        super().__init__()
        self._keep = keep

    def call(self, factors: Any) -> Any:
        total = keras.ops.sum(factors, axis=1)
        squares = keras.ops.sum(factors * factors, axis=1)
        sums = 0.5 * (total * total - squares)
        return sums if self._keep else keras.ops.sum(sums, axis=1)


class Scaled(keras.Layer):  # type: ignore[misc]
    """Weights that are not all used, a state of its own, a penalty, and random numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.flat, self.norm = keras.layers.Flatten(), keras.layers.BatchNormalization()
        self.drop = keras.layers.Dropout(0.2)
        self.dense = keras.layers.Dense(4, "tanh", kernel_regularizer=keras.regularizers.L2(0.01))

    def build(self, shape: Any) -> None:
        self.spare = self.add_weight(shape=(2,), initializer="ones")

    def call(self, factors: Any) -> Any:
        return self.drop(self.norm(self.dense(self.flat(factors))))


LAYERS: Mapping[str, tuple[int, Callable[[], Any]]] = {
    "factorised": (1, lambda: Factorised(keep=False)),
    "kept": (3, lambda: Factorised(keep=True)),
    "scaled": (4, Scaled),
    "dense": (
        1,
        lambda: keras.Sequential(
            [keras.layers.Flatten(), keras.layers.Dense(6, "relu"), keras.layers.Dense(1)]
        ),
    ),
}


@pytest.fixture(autouse=True)
def lent(monkeypatch: pytest.MonkeyPatch) -> None:
    """The layers above stand for those that packages bring."""

    def make(block: Mapping[str, Any], base: Mapping[str, Any]) -> Any:
        return LAYERS[block["parameters"]["component"]][1]()

    monkeypatch.setattr(context, "_make_layer", make)


def block(component: str, base: Embedding = BASE) -> Logit:
    """The description that the step of such a node leaves."""
    about = {"package": "mine", "digest": "0" * 64, "component": component, "parameters": {}}
    width = LAYERS[component][0]
    return Logit(add_block(base.document, CUSTOM, {**about, "width": width}))


def trained(*logits: Logit, rows: int = 400, validated: bool = False, **more: Any) -> Model:
    settings = {"epochs": 3, "batch_size": 64, "learning_rate": 0.02, **more}
    rest = part_of(DATA.examples, 300, 400) if validated else None
    return train(part_of(DATA.examples, 0, rows), list(logits), rest, **settings)


def scores(model: Model) -> np.ndarray[Any, Any]:
    return predict(model, DATA.table).column("prediction_score").to_numpy()


@pytest.mark.parametrize("combine", ["sum", "projection"])
def test_the_built_in_fm_written_as_a_layer_gives_equal_numbers(combine: str) -> None:
    own = block("factorised" if combine == "sum" else "kept")
    others = [linear(BASE), dnn(BASE, hidden_units=[4])]
    # A projection begins elsewhere: the order of its parts goes by the digests of the blocks.
    models = [trained(*others, one, combine=combine) for one in (fm(BASE), own)]
    if combine == "sum":
        assert np.abs(scores(models[0]) - scores(models[1])).max() < 1e-6
    else:
        assert {len(m.arrays["projection_kernel"]) for m in models} == {3 + 3 + 4}


def test_gradients_of_a_layer_reach_the_shared_vectors() -> None:
    alone, beside = trained(block("dense")), trained(block("dense"), fm(BASE))
    factors = f"{BASE.document['blocks'][0]['id']}_factors"
    first = initial(alone)[factors]
    assert np.abs(alone.arrays[factors] - first).max() > 1e-3
    assert np.abs(alone.arrays[factors] - beside.arrays[factors]).max() > 1e-4


def initial(model: Model) -> Any:
    from components.ctr._network import initialise

    blocks, heads = merge([block("dense")])
    return initialise(build_network(blocks, heads, Output()), 0)


def test_a_seed_decides_the_weights_that_keras_draws() -> None:
    one, same_one, other = (trained(block("scaled"), seed=seed) for seed in (1, 1, 2))
    assert same(one.arrays, same_one.arrays)
    assert difference(one, other) > 1e-3


def test_states_of_a_layer_are_renewed_and_scoring_leaves_them_alone() -> None:
    model = trained(block("scaled"))
    states = {name: array for name, array in model.arrays.items() if "_state_" in name}
    assert len(states) == 3  # mean and variance of the normalisation, seed of the dropout
    moved = [name for name, array in states.items() if array.dtype == np.float32]
    assert all(np.abs(states[name]).max() > 0 for name in moved)
    assert np.array_equal(scores(model), scores(model))


def test_a_weight_that_is_not_used_keeps_its_value() -> None:
    model = trained(block("scaled"))
    assert any(np.array_equal(array, [1, 1]) for array in model.arrays.values())


def test_early_stopping_restores_the_best_weights() -> None:
    model = trained(block("scaled"), rows=300, validated=True, epochs=30, learning_rate=0.3)
    history = model.document["training"]["history"]
    best = max(history, key=lambda epoch: epoch["validation_auc"])
    assert model.document["training"]["best_epoch"] == best["epoch"] < len(history) <= 30


class KilledError(Exception):
    pass


def test_a_training_that_is_lost_goes_on_from_its_checkpoint_to_the_same_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = trained(block("scaled"), linear(BASE))
    monkeypatch.setattr(context, "_kept", tmp_path)
    monkeypatch.setattr(Checkpoints.__init__, "__defaults__", (0.0,))
    run_chunk = _training._Training._run_chunk
    left = iter([None, None])

    def dies(self: Any, chunk: Any) -> None:
        run_chunk(self, chunk)
        self._save()
        if next(left, "dead") == "dead":
            raise KilledError

    monkeypatch.setattr(_training._Training, "_run_chunk", dies)
    with pytest.raises(KilledError):
        trained(block("scaled"), linear(BASE))
    monkeypatch.setattr(_training._Training, "_run_chunk", run_chunk)
    again = trained(block("scaled"), linear(BASE))
    assert same(whole.arrays, again.arrays)


def test_a_training_goes_on_from_a_model_of_the_same_layer() -> None:
    first = trained(block("dense"))
    more = train(DATA.examples, [block("dense")], None, first, epochs=1, batch_size=64)
    assert more.document["training"]["steps"] > first.document["training"]["steps"]


def test_a_layer_whose_code_is_not_at_hand_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context, "_make_layer", None)
    with pytest.raises(ComponentError, match="no layers of packages"):
        trained(block("dense"))
