"""Train the model that the blocks before it describe."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from studio.component import ComponentError, Examples, Logit, Model, component, context

from ._blocks import merge
from ._checkpoint import Checkpoints
from ._choices import Choices
from ._examples import check_feature_map, label_column, read_holdout, read_training
from ._model import continued_arrays, first_arrays, make_model, steps_of
from ._network import Network, Output, build_network
from ._threads import limit_threads
from ._trainer import Trainer
from ._training import fit
from ._validation import Validation
from ._warm_start import apply_starts

Optimizer = Literal["adam", "adagrad", "sgd", "momentum", "ftrl"]
Metric = Literal["auc", "gini_norm", "logloss", "normalised_entropy", "group_auc"]


@component(title="Train", category="CTR model", version="1.0")
def train(
    examples: Examples,
    logits: list[Logit],
    validation: Examples | None = None,
    model: Model | None = None,
    *,
    combine: Annotated[
        Literal["sum", "projection"],
        Field(description="Add the logits, or learn one more layer on all their features."),
    ] = "sum",
    epochs: Annotated[int, Field(ge=1, description="Passes over the rows, at most.")] = 10,
    batch_size: Annotated[
        int, Field(ge=1, description="Rows a step; the last, smaller batch counts, too.")
    ] = 1024,
    learning_rate: Annotated[float, Field(gt=0, description="Size of the steps.")] = 0.001,
    embedding_learning_rate: Annotated[
        float | None, Field(gt=0, description="For the embedding rows; empty for the same.")
    ] = None,
    learning_rate_decay: Annotated[
        float, Field(gt=0, le=1, description="What the rates are multiplied by every epoch.")
    ] = 1.0,
    optimizer: Annotated[Optimizer, Field(description="The rule of a step.")] = "adam",
    momentum: Annotated[
        float | None, Field(ge=0, lt=1, description="Only for momentum; empty means 0.9.")
    ] = None,
    l1: Annotated[
        float,
        Field(ge=0, description="Only for ftrl: sets first-order weights to exactly zero."),
    ] = 0.0,
    l2_projection: Annotated[
        float, Field(ge=0, description="Only for projection: L2 penalty on its kernel.")
    ] = 0.0,
    loss: Annotated[
        Literal["logloss", "mse", "focal"],
        Field(description="mse is of the probability; focal counts rows more that are wrong."),
    ] = "logloss",
    focal_gamma: Annotated[
        float | None,
        Field(ge=0, le=10, description="Only for focal: 0 is the log-loss; empty means 2."),
    ] = None,
    positive_weight: Annotated[
        float, Field(gt=0, description="What a row of label 1 counts beside one of label 0.")
    ] = 1.0,
    balance_classes: Annotated[
        bool, Field(description="Let both labels count the same in all; scores rise by that.")
    ] = False,
    eval_metric: Annotated[
        Metric | None, Field(description="Measured on validation; empty means auc.")
    ] = None,
    early_stopping_patience: Annotated[
        int | None, Field(ge=1, description="Epochs without a better metric; empty means 2.")
    ] = None,
    seed: Annotated[
        int, Field(ge=0, lt=2**31, description="Of first weights, shuffling and dropout.")
    ] = 0,
) -> Model:
    """Compile the connected blocks into one TensorFlow model and train it.

    All branches share one table of embeddings; a row of it changes only when its feature occurs.
    With validation examples the weights of the best epoch are kept, and training stops early;
    without, it runs for all epochs. From a `model` the weights go on, the optimizer's memory not;
    on a feature map that has grown since, old values keep their rows and new ones begin anew.

    Shapes: index and value (n, F), label (n,) -> weights of every block; `combine="sum"` adds
            scalars (n,), `"projection"` multiplies the features (n, F + K + H) with one kernel.
    Units:  learning_rate per step; l1 and l2 in units of the loss, l2 times half the squares;
            weights of rows are relative, and count in training and in validation.
    Errors: ComponentError for rows without label, labels of one class, another feature map than
            the embedding's, settings that would do nothing, and a loss that is not a number.
    Source: Guo et al. 2017, "DeepFM" (sum); PAI-Studio's article on splicing FM (projection).
    """
    choices = Choices(
        combine=combine,
        epochs=epochs,
        batch_size=batch_size,
        learning_rate=learning_rate,
        embedding_learning_rate=embedding_learning_rate,
        learning_rate_decay=learning_rate_decay,
        optimizer=optimizer,
        momentum=momentum,
        l1=l1,
        l2_projection=l2_projection,
        loss=loss,
        focal_gamma=focal_gamma,
        positive_weight=positive_weight,
        balance_classes=balance_classes,
        eval_metric=eval_metric,
        early_stopping_patience=early_stopping_patience,
        seed=seed,
    )
    limit_threads()
    network = _compile(logits, choices)
    choices.check(network, validated=validation is not None)
    return _train(examples, validation, model, network, logits, choices)


def _compile(logits: list[Logit], choices: Choices) -> Network:
    if not logits:
        raise ComponentError(
            "No logit is connected, so there is nothing to train.",
            hint="Connect at least one of linear, fm and dnn.",
            code="logits.none",
        )
    blocks, heads = merge(logits)
    return build_network(blocks, heads, Output(choices.combine, choices.l2_projection))


def _train(
    examples: Examples,
    validation: Examples | None,
    model: Model | None,
    network: Network,
    logits: list[Logit],
    choices: Choices,
) -> Model:
    check_feature_map(examples, network.blocks, "training examples")
    data = read_training(examples, classes=choices.classes)
    if model is None:
        arrays = first_arrays(network, data, choices.seed)
        apply_starts(arrays, network, logits)
    else:
        arrays = continued_arrays(model, network, examples, choices.seed)
    trainer = Trainer(network, arrays, choices.rule(len(data), steps_of(model)))
    measure = _validation(validation, network, choices)
    checkpoints = Checkpoints(context.kept)
    outcome = fit(trainer, data, choices.schedule(), measure, choices.metric, checkpoints)
    settings = choices.resolved(validated=validation is not None)
    return make_model(network, outcome, examples, data, settings)


def _validation(examples: Examples | None, network: Network, choices: Choices) -> Validation | None:
    if examples is None:
        return None
    check_feature_map(examples, network.blocks, "validation examples")
    holdout = read_holdout(examples)
    return Validation(network, holdout, choices.metric, label_column(examples))
