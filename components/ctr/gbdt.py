"""Boost decision trees with LightGBM: a floor of another kind than the networks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from pydantic import Field

from studio.component import ComponentError, Examples, Model, component, context

from ._batches import Data
from ._blocks import feature_map_digest
from ._examples import read_training
from ._trees import BOOSTER, categories, tree_columns

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]


@component(title="GBDT", category="CTR model", version="1.0")
def gbdt(
    examples: Examples,
    validation: Examples | None = None,
    *,
    trees: Annotated[int, Field(ge=1, description="Trees, at most.")] = 200,
    learning_rate: Annotated[
        float, Field(gt=0, le=1, description="What a tree counts; smaller needs more trees.")
    ] = 0.1,
    leaves: Annotated[int, Field(ge=2, le=131_072, description="Leaves of a tree.")] = 31,
    min_leaf_rows: Annotated[int, Field(ge=1, description="Rows that a leaf needs.")] = 20,
    l2: Annotated[float, Field(ge=0, description="L2 penalty on the values of leaves.")] = 0.0,
    early_stopping_patience: Annotated[
        int | None, Field(ge=1, description="Trees without a better log-loss; empty means 20.")
    ] = None,
    seed: Annotated[int, Field(ge=0, lt=2**31, description="Of what LightGBM draws.")] = 0,
) -> Model:
    """Boost trees on the fields of the examples, as a table of numbers and categories.

    With validation examples the trees up to the best log-loss are kept.

    Shapes: index and value (n, F) -> trees on F columns.
    Units:  learning_rate is a share of each tree.
    Errors: ComponentError for rows without label, labels of one class, examples of two feature
            maps, and a patience without validation.
    Source: Ke et al. 2017, "LightGBM".
    """
    if early_stopping_patience is not None and validation is None:
        raise ComponentError(
            "'early_stopping_patience' is set, but would do nothing: nothing is connected to "
            "'validation'.",
            hint="Clear 'early_stopping_patience', or connect it.",
            parameter="early_stopping_patience",
            code="parameter.without_effect",
        )
    settings = {
        "trees": trees,
        "learning_rate": learning_rate,
        "leaves": leaves,
        "min_leaf_rows": min_leaf_rows,
        "l2": l2,
        "early_stopping_patience": (early_stopping_patience or 20) if validation else None,
        "seed": seed,
    }
    data = read_training(examples)
    rest = None if validation is None else _holdout(examples, validation)
    text, history, best = _boost(data, rest, examples.document["feature_map"], settings)
    training = {
        "settings": settings,
        "history": history,
        "best_epoch": best,
        "steps": best,
        "rows": len(data),
        "base_rate": float(data.label.mean(dtype=np.float64)),
    }
    document = {
        "format": 1,
        "kind": "gbdt",
        "feature_map": examples.document["feature_map"],
        "training": training,
    }
    return Model(document, {BOOSTER: np.frombuffer(text.encode(), np.uint8)})


def _holdout(examples: Examples, validation: Examples) -> Data:
    first, second = (
        feature_map_digest(one.document["feature_map"]) for one in (examples, validation)
    )
    if first != second:
        raise ComponentError(
            "The validation examples are encoded with another feature map than the training "
            "examples.",
            hint="Connect one feature map to both 'encode' nodes.",
            code="feature_map.mismatch",
        )
    return read_training(validation, "validation examples")


def _boost(
    data: Data, validation: Data | None, feature_map: Any, settings: dict[str, Any]
) -> tuple[str, list[dict[str, float]], int]:
    """The model as text, the log-loss after every tree, and how many trees are best."""
    import lightgbm  # starts threads: never in the warm host

    def dataset(rows: Data, reference: Any = None) -> Any:
        columns = tree_columns(rows.index, rows.value, feature_map)
        return lightgbm.Dataset(
            columns,
            rows.label,
            weight=rows.importance,
            reference=reference,
            categorical_feature=categories(feature_map),
        )

    train = dataset(data)
    measured = {"train": train}
    if validation is not None:
        measured["validation"] = dataset(validation, train)
    history: list[dict[str, float]] = []
    callbacks: list[Any] = [_Curves(history, settings["trees"])]
    if validation is not None:
        patience = settings["early_stopping_patience"]
        stop = lightgbm.early_stopping(patience, first_metric_only=True, verbose=False)
        callbacks.append(stop)
    booster = lightgbm.train(
        _lightgbm_parameters(settings),
        train,
        num_boost_round=settings["trees"],
        valid_sets=list(measured.values()),
        valid_names=list(measured),
        callbacks=callbacks,
    )
    best = booster.best_iteration if booster.best_iteration > 0 else len(history)
    return booster.model_to_string(num_iteration=best), history, best


class _Curves:
    """Notes the log-losses after every tree."""

    order = 10  # before early stopping, which leaves by an exception

    def __init__(self, history: list[dict[str, float]], trees: int) -> None:
        self._history, self._trees = history, trees

    def __call__(self, env: Any) -> None:
        names = {"train": "loss", "validation": "validation_logloss"}
        values = {names[one.dataset_name]: one.metric_value for one in env.evaluation_result_list}
        self._history.append({"epoch": env.iteration + 1, **values})
        context.metrics(env.iteration + 1, values)
        context.progress((env.iteration + 1) / self._trees)


def _lightgbm_parameters(settings: dict[str, Any]) -> dict[str, Any]:
    return {
        "objective": "binary",
        "metric": "binary_logloss",
        "learning_rate": settings["learning_rate"],
        "num_leaves": settings["leaves"],
        "min_data_in_leaf": settings["min_leaf_rows"],
        "lambda_l2": settings["l2"],
        "seed": settings["seed"],
        "num_threads": context.threads,
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
    }
