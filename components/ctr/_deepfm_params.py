"""What every key of the article's `dfm_params` becomes: which parameter of which node."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

from studio.component import ComponentError, say

Params = Mapping[str, Any]


class Setting(NamedTuple):
    """One key, and where its value went; no node where nothing needs to be set."""

    key: str
    node: str | None
    parameter: str | None
    value: Any
    note: str = ""


class _Key(NamedTuple):
    """How to read a key. `read` raises ValueError, saying what the value has to be."""

    read: Callable[[Any], Any]
    targets: tuple[tuple[str, str], ...] = ()
    note: str = ""


ARTICLE: Params = {
    "use_fm": True,
    "use_deep": True,
    "embedding_size": 8,
    "dropout_fm": [1.0, 1.0],
    "deep_layers": [32, 32],
    "dropout_deep": [0.5, 0.5, 0.5],
    "deep_layer_activation": "relu",
    "epoch": 30,
    "batch_size": 1024,
    "learning_rate": 0.001,
    "optimizer": "adam",
    "batch_norm": 1,
    "batch_norm_decay": 0.995,
    "l2_reg": 0.01,
    "verbose": True,
    "eval_metric": "gini_norm",
    "random_seed": 3,
}


def read_settings(params: Params) -> list[Setting]:
    """Every key in the order given; those that are missing are the article's."""
    _check_names(params)
    whole = {**ARTICLE, **{_canonical(key): value for key, value in params.items()}}
    read = {key: _read(key, value) for key, value in whole.items()}
    if not read["use_fm"] and not read["use_deep"]:
        raise _refuse("use_fm", "is off, as 'use_deep' is, so that nothing is left to train")
    layers, rates = read["deep_layers"], read["dropout_deep"]
    if len(rates) != len(layers) + 1:
        raise _refuse("dropout_deep", f"takes {len(layers) + 1} shares for {len(layers)} layers")
    return [setting for key in whole for setting in _settings(key, read)]


def _settings(key: str, read: Params) -> Iterator[Setting]:
    told, value = _KEYS[key], read[key]
    nodes = {"linear": read["use_fm"], "fm": read["use_fm"], "dnn": read["use_deep"]}
    targets = [target for target in told.targets if nodes.get(target[0], True)]
    if key == "batch_norm_decay" and not read["batch_norm"]:
        targets = []
    if not targets:
        unused = "its part of the model is switched off" if told.targets else told.note
        yield Setting(key, None, None, value, unused)
    for number, (node, parameter) in enumerate(targets):
        part = value[number] if key == "dropout_fm" else value
        yield Setting(key, node, parameter, part, told.note)


def _check_names(params: Params) -> None:
    for key in params:
        if _canonical(key) not in _KEYS:
            near = get_close_matches(key, _KEYS, n=1)
            raise ComponentError(
                say(
                    "'{key}' is no setting of the article's DeepFM, and none is left out silently.",
                    key=key,
                ),
                hint=say("Did you mean {near!r}?", near=near[0])
                if near
                else say("It knows: {keys}.", keys=", ".join(_KEYS)),
                parameter="params",
                code="params.unknown",
            )


def _canonical(key: str) -> str:
    """The spellings of the article and of the code that it was taken from."""
    return {
        "deep_layers_activation": "deep_layer_activation",
        "optimizer_type": "optimizer",
    }.get(key, key)


def _read(key: str, value: Any) -> Any:
    try:
        return _KEYS[key].read(value)
    except (ValueError, TypeError) as error:
        raise _refuse(key, str(error)) from error


def _refuse(key: str, why: str) -> ComponentError:
    return ComponentError(
        say("'{key}' {why}.", key=key, why=why),
        hint="Change it in 'params'.",
        parameter="params",
        code="params.invalid",
    )


def _flag(value: Any) -> bool:
    if value not in (0, 1):
        raise ValueError(f"is {value!r}, not true or false")
    return bool(value)


def _whole(value: Any) -> int:
    if isinstance(value, bool) or int(value) != value or value < 1:
        raise ValueError(f"is {value!r}, not a whole number from 1 up")
    return int(value)


def _seed(value: Any) -> int:
    if isinstance(value, bool) or int(value) != value or value < 0:
        raise ValueError(f"is {value!r}, not a whole number from 0 up")
    return int(value)


def _positive(value: Any) -> float:
    if isinstance(value, bool) or not float(value) > 0:
        raise ValueError(f"is {value!r}, not a number above 0")
    return float(value)


def _not_negative(value: Any) -> float:
    if isinstance(value, bool) or not float(value) >= 0:
        raise ValueError(f"is {value!r}, not a number from 0 up")
    return float(value)


def _layers(value: Any) -> list[int]:
    if not value:
        raise ValueError("names no layer")
    return [_whole(units) for units in value]


def _rates(value: Any) -> list[float]:
    """Rates from the shares that are kept."""
    for share in value:
        if isinstance(share, bool) or not 0 < float(share) <= 1:
            raise ValueError(f"keeps a share of {share!r}, not above 0 and up to 1")
    return [round(1 - float(share), 12) for share in value]


def _two_rates(value: Any) -> list[float]:
    if len(value) != 2:
        raise ValueError("takes two shares: of the first and of the second order")
    return _rates(value)


def _choice(**known: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        name = str(value).removeprefix("tf.nn.")
        if name not in known:
            raise ValueError(f"is {name!r}, not one of {', '.join(known)}")
        return known[name]

    return read


_RATE = "shares that are kept there, rates that are left out here"
_KEYS: Mapping[str, _Key] = {
    "use_fm": _Key(_flag, note="the nodes linear and fm are there or not"),
    "use_deep": _Key(_flag, note="the node dnn is there or not"),
    "embedding_size": _Key(_whole, (("embedding", "dimension"),)),
    "dropout_fm": _Key(_two_rates, (("linear", "dropout"), ("fm", "dropout")), _RATE),
    "deep_layers": _Key(_layers, (("dnn", "hidden_units"),)),
    "dropout_deep": _Key(_rates, (("dnn", "dropout"),), _RATE),
    "deep_layer_activation": _Key(
        _choice(relu="relu", tanh="tanh", sigmoid="sigmoid", elu="elu", leaky_relu="leaky_relu"),
        (("dnn", "activation"),),
    ),
    "epoch": _Key(_whole, (("train", "epochs"),)),
    "batch_size": _Key(_whole, (("train", "batch_size"),)),
    "learning_rate": _Key(_positive, (("train", "learning_rate"),)),
    "optimizer": _Key(
        _choice(adam="adam", adagrad="adagrad", gd="sgd", momentum="momentum"),
        (("train", "optimizer"),),
    ),
    "batch_norm": _Key(_flag, (("dnn", "batch_norm"),)),
    "batch_norm_decay": _Key(_positive, (("dnn", "batch_norm_decay"),)),
    "l2_reg": _Key(
        _not_negative,
        (("dnn", "l2"), ("train", "l2_projection")),
        "on the layers and the projection, not on the embeddings, as in its original",
    ),
    "verbose": _Key(_flag, note="progress is always reported"),
    "eval_metric": _Key(
        _choice(gini_norm="gini_norm", auc="auc", roc_auc_score="auc", logloss="logloss"),
        (("train", "eval_metric"),),
    ),
    "greater_is_better": _Key(_flag, note="known of every metric"),
    "loss_type": _Key(_choice(logloss="logloss", mse="mse"), (("train", "loss"),)),
    "random_seed": _Key(_seed, (("train", "seed"),)),
    "feature_size": _Key(_whole, note="the feature map counts its features"),
    "field_size": _Key(_whole, note="the feature map counts its fields"),
}
