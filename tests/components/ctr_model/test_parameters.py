"""No parameter is silently ignored: each changes the result, or is refused."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

from components.ctr.attention import attention
from components.ctr.cin import cin
from components.ctr.cross_network import cross_network
from components.ctr.dnn import dnn
from components.ctr.embedding import embedding
from components.ctr.fm import fm
from components.ctr.linear import linear
from components.ctr.train import train
from components.ctr.wide import wide
from studio.component import ComponentError, Logit, Model

from .builders import part_of, planted

pytestmark = pytest.mark.slow

DATA = planted(300, [6, 5], numbers=1)
ROWS, HOLDOUT = part_of(DATA.examples, 0, 60), part_of(DATA.examples, 60, 300)
COMPONENTS: dict[str, Any] = {
    "embedding": embedding,
    "linear": linear,
    "fm": fm,
    "dnn": dnn,
    "cross_network": cross_network,
    "cin": cin,
    "attention": attention,
    "wide": wide,
    "train": train,
}

Settings = dict[str, dict[str, Any]]

# component and parameter: another value than the default, and the settings in which it acts
CASES: dict[tuple[str, str], tuple[Any, Settings]] = {
    ("embedding", "dimension"): (4, {}),
    ("embedding", "initial_stdev"): (0.2, {}),
    ("embedding", "l2"): (0.5, {}),
    ("embedding", "name"): ("second", {}),
    ("linear", "dropout"): (0.5, {}),
    ("linear", "l2"): (0.5, {"train": {"epochs": 2}}),
    ("linear", "name"): ("second", {}),
    ("fm", "dropout"): (0.5, {}),
    ("fm", "name"): ("second", {}),
    ("dnn", "hidden_units"): ([5, 4], {}),
    ("dnn", "activation"): ("tanh", {}),
    ("dnn", "dropout"): ([0.5, 0.0, 0.0], {}),
    ("dnn", "batch_norm"): (True, {}),
    ("dnn", "batch_norm_decay"): (0.1, {"dnn": {"batch_norm": True}, "train": {"epochs": 3}}),
    ("dnn", "l2"): (0.5, {}),
    ("dnn", "name"): ("second", {}),
    ("cross_network", "layers"): (2, {}),
    ("cross_network", "rank"): (2, {}),
    ("cross_network", "dropout"): (0.5, {}),
    ("cross_network", "l2"): (0.5, {}),
    ("cross_network", "name"): ("second", {}),
    ("cin", "maps"): ([3], {}),
    ("cin", "activation"): ("relu", {}),
    ("cin", "dropout"): (0.5, {}),
    ("cin", "l2"): (0.5, {}),
    ("cin", "name"): ("second", {}),
    ("attention", "layers"): (1, {}),
    ("attention", "heads"): (1, {}),
    ("attention", "head_size"): (4, {}),
    ("attention", "residual"): (False, {}),
    ("attention", "dropout"): (0.5, {}),
    ("attention", "l2"): (0.5, {}),
    ("attention", "name"): ("second", {}),
    ("wide", "crosses"): ([["x0", "c0"]], {}),
    ("wide", "buckets"): (3, {}),
    ("wide", "dropout"): (0.5, {}),
    ("wide", "l2"): (0.5, {"train": {"epochs": 2}}),
    ("wide", "name"): ("second", {}),
    ("train", "combine"): ("projection", {}),
    ("train", "epochs"): (2, {}),
    ("train", "batch_size"): (30, {}),
    ("train", "learning_rate"): (0.3, {}),
    ("train", "embedding_learning_rate"): (0.3, {}),
    ("train", "learning_rate_decay"): (0.5, {"train": {"epochs": 2}}),
    ("train", "optimizer"): ("adagrad", {}),
    ("train", "momentum"): (0.5, {"train": {"optimizer": "momentum", "epochs": 2}}),
    ("train", "l1"): (0.5, {"train": {"optimizer": "ftrl"}}),
    ("train", "l2_projection"): (0.5, {"train": {"combine": "projection"}}),
    ("train", "loss"): ("mse", {"train": {"optimizer": "sgd"}}),
    ("train", "focal_gamma"): (1.0, {"train": {"loss": "focal", "optimizer": "sgd"}}),
    ("train", "positive_weight"): (3.0, {"train": {"optimizer": "sgd"}}),
    ("train", "balance_classes"): (True, {"train": {"optimizer": "sgd"}}),
    ("train", "eval_metric"): ("logloss", {"train": {"validation": HOLDOUT}}),
    ("train", "early_stopping_patience"): (
        1,
        {"train": {"validation": HOLDOUT, "epochs": 30, "learning_rate": 0.3}},
    ),
    ("train", "seed"): (1, {}),
}


# Blocks that stand in the model only where a case sets them.
MORE = {name: COMPONENTS[name] for name in ("cross_network", "cin", "attention", "wide")}
NEEDED: Settings = {"wide": {"crosses": [["c0", "c1"]], "buckets": 20}}


def settings_of(component: str, parameter: str, value: Any, given: Settings) -> Settings:
    return {**given, component: {**given.get(component, {}), parameter: value}}


def model_with(settings: Settings) -> Model:
    base = embedding(DATA.feature_map, **{"initial_stdev": 0.1, **settings.get("embedding", {})})
    logits: list[Logit] = [
        linear(base, **settings.get("linear", {})),
        fm(base, **settings.get("fm", {})),
        dnn(base, **{"hidden_units": [4, 3], **settings.get("dnn", {})}),
    ]
    logits += [block(base, **settings[name]) for name, block in MORE.items() if name in settings]
    given = {"epochs": 1, "batch_size": 60, "learning_rate": 0.05, **settings.get("train", {})}
    return train(ROWS, logits, **given)


def result(model: Model) -> dict[str, Any]:
    """Weights by the type of their block, for the ids follow the settings; and the curves."""
    types = {block["id"]: block["type"] for block in model.document["blocks"]}
    named = {}
    for name, array in model.arrays.items():
        for block, kind in types.items():
            name = name.replace(block, kind)
        named[name] = np.round(np.asarray(array, np.float64), 5).tolist()
    return {"weights": named, "curves": model.document["training"]["history"]}


@pytest.mark.parametrize(("component", "parameter"), CASES)
def test_a_parameter_changes_the_result(component: str, parameter: str) -> None:
    value, given = CASES[component, parameter]
    given = {**({component: NEEDED.get(component, {})} if component in MORE else {}), **given}
    usual = model_with(given)
    other = model_with(settings_of(component, parameter, value, given))
    if parameter == "name":  # a name tells blocks apart, and changes no number
        assert usual.document["heads"] != other.document["heads"]
    else:
        assert result(usual) != result(other)


def test_every_parameter_is_in_the_table() -> None:
    parameters = {
        (name, parameter.name)
        for name, component in COMPONENTS.items()
        for parameter in inspect.signature(component).parameters.values()
        if parameter.kind is parameter.KEYWORD_ONLY
    }
    assert parameters == set(CASES)


@pytest.mark.parametrize(
    ("parameter", "settings"),
    [
        ("momentum", {"train": {"momentum": 0.9}}),
        ("momentum", {"train": {"momentum": 0.0, "optimizer": "sgd"}}),
        ("l1", {"train": {"l1": 0.1}}),
        ("l2_projection", {"train": {"l2_projection": 0.1}}),
        ("focal_gamma", {"train": {"focal_gamma": 1.0}}),
        ("positive_weight", {"train": {"positive_weight": 2.0, "balance_classes": True}}),
        ("eval_metric", {"train": {"eval_metric": "auc"}}),
        ("early_stopping_patience", {"train": {"early_stopping_patience": 2}}),
        ("batch_norm_decay", {"dnn": {"batch_norm_decay": 0.9}}),
        ("dropout", {"dnn": {"dropout": [0.5]}}),
    ],
)
def test_a_parameter_that_would_do_nothing_is_refused(parameter: str, settings: Settings) -> None:
    with pytest.raises(ComponentError) as refusal:
        model_with(settings)
    assert refusal.value.parameter == parameter
    assert refusal.value.hint


def test_l1_without_first_order_weights_is_refused() -> None:
    base = embedding(DATA.feature_map)
    with pytest.raises(ComponentError, match="no linear block is connected"):
        train(ROWS, [fm(base)], optimizer="ftrl", l1=0.1)


def test_the_model_records_the_settings_that_took_effect() -> None:
    training = model_with({"train": {"validation": HOLDOUT}}).document["training"]["settings"]
    assert training["eval_metric"] == "auc"
    assert training["early_stopping_patience"] == 2
    assert training["embedding_learning_rate"] == training["learning_rate"] == 0.05
    assert training["momentum"] is None
