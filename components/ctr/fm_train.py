"""Train a factorization machine in one node, by the contract of PAI-Studio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field

from studio.component import (
    Column,
    ComponentError,
    FeatureMap,
    Logit,
    Model,
    add_block,
    component,
    context,
    first_block,
    say,
)

from ._batches import Data
from ._blocks import merge
from ._checkpoint import Checkpoints, Outcome
from ._encoding import read_numbers
from ._fm_inputs import Inputs, read_inputs
from ._labels import check_binary, check_two_classes
from ._model import first_arrays, training_of
from ._network import BIAS, Network, Output, build_network
from ._threads import limit_threads
from ._trainer import Rule, Trainer
from ._training import Schedule, fit

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]

Task = Literal["binary_classification", "regression"]


@component(title="FM train", category="Recommendation", version="1.0")
def fm_train(
    table: pa.Table,
    feature_map: FeatureMap | None = None,
    *,
    tensor_col_name: Annotated[
        str,
        Field(
            alias="tensorColName",
            description="A text column of features, 1:1.0,3:0.5, or number columns: a,b,c.",
        ),
    ] = "",
    label_col_name: Annotated[
        Column, Field(alias="labelColName", description="Column to predict; 0 or 1 for classes.")
    ],
    task: Annotated[Task, Field(description="What the label is.")] = "binary_classification",
    num_epochs: Annotated[
        int, Field(alias="numEpochs", ge=1, description="Passes over the rows.")
    ] = 10,
    dim: Annotated[
        str,
        Field(description="1 or 0 for a bias, 1 or 0 for first-order weights, then the factors."),
    ] = "1,1,10",
    learn_rate: Annotated[
        float,
        Field(alias="learnRate", gt=0, description="Size of the steps; lower if it diverges."),
    ] = 0.01,
    lambda_: Annotated[
        str,
        Field(alias="lambda", description="L2 penalties of bias, first-order weights, factors."),
    ] = "0.01,0.01,0.01",
    init_stdev: Annotated[
        float,
        Field(alias="initStdev", gt=0, le=1, description="Of the first, random factors."),
    ] = 0.05,
    batch_size: Annotated[int, Field(ge=1, description="Rows a step.")] = 1024,
    seed: Annotated[int, Field(ge=0, lt=2**31, description="Of first factors and shuffling.")] = 0,
) -> Model:
    """Train a factorization machine on a sparse column, on columns of numbers, or on a feature map.

    Parameters have PAI's names and defaults; the optimizer is Adagrad. A model that is trained
    with a feature map can start an `embedding`, be scored by `predict` and be exported.

    Shapes: table (n, d) -> bias (), weights (V,), factors (V, K) for V distinct keys.
    Units:  lambda times half the squares of the weights of a batch; learnRate per step.
    Errors: ComponentError for a text that is no list of key:value, named by its row; a label that
            is missing, or not 0 or 1 in a classification; `dim` or `lambda` of another form.
    Source: PAI-Studio "FM Train"; Rendle 2010, "Factorization Machines".
    """
    limit_threads()
    inputs = read_inputs(table, tensor_col_name, feature_map)
    orders, penalties = _orders(dim), _penalties(lambda_)
    network = _network(inputs, orders, penalties, init_stdev)
    data = Data(
        inputs.index,
        inputs.value,
        _labels(table, label_col_name, task),
        np.ones(len(table), np.float32),
    )
    rule = Rule(
        optimizer="adagrad",
        loss="logloss" if task == "binary_classification" else "squared",
        seed=seed,
        batch_size=min(batch_size, len(data)),
    )
    trainer = Trainer(network, _first_arrays(network, data, task, seed), rule)
    schedule = Schedule(num_epochs, batch_size, learn_rate, learn_rate, 1.0, 1, seed)
    outcome = _fit(trainer, data, schedule)
    settings = {
        "task": task,
        "numEpochs": num_epochs,
        "dim": dim,
        "learnRate": learn_rate,
        "lambda": lambda_,
        "initStdev": init_stdev,
        "batch_size": batch_size,
        "seed": seed,
    }
    return _model(network, outcome, inputs, feature_map, data, settings)


def _orders(dim: str) -> tuple[int, int, int]:
    numbers = _three(dim, "dim", int, "1,1,10")
    bias, linear, factors = (int(number) for number in numbers)
    if bias not in (0, 1) or linear not in (0, 1) or not 0 <= factors <= 1024:
        raise _wrong_form(dim, "dim", "1,1,10")
    if not linear and not factors:
        raise ComponentError(
            say(
                "'dim' is {dim}, which leaves the model without a weight for any feature.", dim=dim
            ),
            hint="Write 1,1,10 for a bias, first-order weights and ten factors.",
            parameter="dim",
            code="parameter.invalid",
        )
    return bias, linear, factors


def _penalties(lambda_: str) -> tuple[float, float, float]:
    bias, linear, factors = (float(n) for n in _three(lambda_, "lambda", float, "0.01,0.01,0.01"))
    if not all(0 <= penalty < np.inf for penalty in (bias, linear, factors)):
        raise _wrong_form(lambda_, "lambda", "0.01,0.01,0.01")
    return bias, linear, factors


def _three(text: str, parameter: str, read: Any, example: str) -> list[float]:
    try:
        numbers = [read(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) != 3:
        raise _wrong_form(text, parameter, example)
    return numbers


def _wrong_form(text: str, parameter: str, example: str) -> ComponentError:
    return ComponentError(
        say(
            "'{parameter}' is {text!r}; it takes three numbers: of order 0, 1 and 2.",
            parameter=parameter,
            text=text,
        ),
        hint=say("Write, for example, {example}.", example=example),
        parameter=parameter,
        code="parameter.invalid",
    )


def _network(
    inputs: Inputs,
    orders: tuple[int, int, int],
    penalties: tuple[float, float, float],
    init_stdev: float,
) -> Network:
    bias, linear, factors = orders
    base = first_block(
        "embedding",
        {
            "dimension": max(factors, 1),
            "initial_stdev": init_stdev,
            "l2": penalties[2],
            "name": "fm_train",
            "feature_size": inputs.features,
            "fields": [str(number) for number in range(inputs.index.shape[1])],
        },
    )
    logits = []
    if linear:
        parameters = {"dropout": 0.0, "l2": penalties[1], "name": ""}
        logits.append(Logit(add_block(base, "linear", parameters)))
    if factors:
        logits.append(Logit(add_block(base, "fm", {"dropout": 0.0, "name": ""})))
    return build_network(*merge(logits), Output(bias=bool(bias), l2_bias=penalties[0]))


def _labels(table: pa.Table, column: str, task: Task) -> Array:
    if column not in table.column_names:
        raise ComponentError(
            say("The table has no column {column!r}.", column=column),
            hint=say("It has: {column_names}.", column_names=", ".join(table.column_names[:10])),
            parameter="labelColName",
            code="column.missing",
        )
    if table.num_rows == 0:
        raise ComponentError(
            "The table has no rows, so there is nothing to train on.",
            hint="Check the filters and splits before this step.",
            code="data.no_rows",
        )
    labels = read_numbers(table[column], column).astype(np.float32)
    if task == "binary_classification":
        check_binary(labels, column, "table", parameter="labelColName")
        hint = "Check the label column and the filters before this step."
        check_two_classes(labels, column, "table", hint, parameter="labelColName")
    elif not np.isfinite(labels).all():
        row = int(np.flatnonzero(~np.isfinite(labels))[0]) + 1
        raise ComponentError(
            say("The label {column!r} is not a number in row {row}.", column=column, row=row),
            hint="Filter those rows out, or fill the column before.",
            parameter="labelColName",
            row=row,
            code="label.missing",
        )
    return labels


def _first_arrays(network: Network, data: Data, task: Task, seed: int) -> dict[str, Array]:
    arrays = first_arrays(network, data, seed)
    if task == "regression" and BIAS in arrays:
        arrays[BIAS] = np.array(data.label.mean(), np.float32)
    return arrays


def _fit(trainer: Trainer, data: Data, schedule: Schedule) -> Outcome:
    """The same error as of `train`, with this component's name of the parameter."""
    try:
        return fit(trainer, data, schedule, None, "", Checkpoints(context.kept))
    except ComponentError as error:
        if error.code != "training.diverged":
            raise
        hint = "Lower 'learnRate', or scale the values of the features."
        raise ComponentError(
            error.message, hint=hint, parameter="learnRate", code=error.code
        ) from error


def _model(
    network: Network,
    outcome: Outcome,
    inputs: Inputs,
    feature_map: FeatureMap | None,
    data: Data,
    settings: dict[str, Any],
) -> Model:
    document = {
        "format": 1,
        "blocks": list(network.blocks),
        "heads": list(network.heads),
        "combine": "sum",
        "bias": BIAS in outcome.arrays,
        "task": settings["task"],
        "inputs": inputs.reading,
        "feature_map": None if feature_map is None else feature_map.document,
        "training": training_of(outcome, data, settings),
    }
    keys = {} if inputs.keys is None else {"feature_keys": inputs.keys}
    return Model(document, {**outcome.arrays, **keys})
