"""What training does with rows, seeds, validation and a model to continue from."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import log_loss, roc_auc_score

from components.ctr._model import network_of
from components.ctr._scoring import Scorer
from components.ctr.embedding import embedding
from components.ctr.fm import fm
from components.ctr.linear import linear
from components.ctr.train import train
from studio.component import Examples, Logit, Model, canonical_json, context

from .builders import (
    Planted,
    deepfm,
    difference,
    make_examples,
    part_of,
    planted,
    quick_model,
    same,
    with_arrays,
)

Array = np.ndarray[Any, np.dtype[Any]]

pytestmark = pytest.mark.slow

DATA = planted(160, [6, 5], numbers=1)


def scores(model: Model, examples: Examples) -> Array:
    arrays = examples.arrays
    found: Array = Scorer(network_of(model))(
        model.arrays, arrays["feat_index"], arrays["feat_value"]
    )
    return found


def test_the_same_seed_gives_the_same_model_to_the_last_bit() -> None:
    dropout = {"dropout": [0.1, 0.2, 0.2], "batch_norm": True}
    models = [
        quick_model(DATA, lambda base: deepfm(base, **dropout), seed=seed) for seed in (4, 4, 5)
    ]
    assert same(models[0].arrays, models[1].arrays)
    assert canonical_json(models[0].document) == canonical_json(models[1].document)
    assert difference(models[0], models[2]) > 1e-3


def test_training_changes_nothing_that_it_is_given() -> None:
    before = {name: array.copy() for name, array in DATA.examples.arrays.items()}
    first = quick_model(DATA, deepfm)
    kept = {name: np.array(array) for name, array in first.arrays.items()}
    quick_model(DATA, deepfm, model=first)
    assert same(before, DATA.examples.arrays)
    assert same(kept, first.arrays)


def test_memory_mapped_read_only_examples_train_the_same(tmp_path: Any) -> None:
    DATA.examples.write(tmp_path)
    mapped = Planted(DATA.feature_map, DATA.table, Examples.read(tmp_path))
    assert not mapped.examples.arrays["feat_index"].flags.writeable
    assert same(quick_model(DATA, deepfm).arrays, quick_model(mapped, deepfm).arrays)


@pytest.mark.parametrize("threads", [1, 2])
def test_cutting_batches_ahead_changes_no_number(
    threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(context, "threads", threads)
    assert same(quick_model(DATA, deepfm).arrays, quick_model(DATA, deepfm).arrays)


def test_the_last_partial_batch_counts() -> None:
    whole, short = DATA.part(0, 100), DATA.part(0, 96)
    models = [quick_model(data, deepfm, epochs=1, batch_size=32) for data in (whole, short)]
    assert [model.document["training"]["steps"] for model in models] == [4, 3]
    assert difference(*models) > 1e-4


def test_fewer_rows_than_a_batch_are_trained_on() -> None:
    data = DATA.part(0, 30)
    model = quick_model(data, deepfm, epochs=3, batch_size=1024, learning_rate=0.05)
    training = model.document["training"]
    assert training["steps"] == 3
    assert training["history"][2]["loss"] < training["history"][0]["loss"]


def test_the_loss_of_an_epoch_is_the_mean_over_its_rows() -> None:
    model = quick_model(DATA, deepfm, epochs=1, batch_size=48, learning_rate=1e-12)
    label = DATA.examples.arrays["label"]
    score = scores(model, DATA.examples)
    expected = -np.mean(label * np.log(score) + (1 - label) * np.log(1 - score))
    assert model.document["training"]["history"][0]["loss"] == pytest.approx(expected, abs=1e-5)


def test_an_untrained_model_says_the_base_rate() -> None:
    data = planted(200, [6, 5], seed=3)
    base = embedding(data.feature_map)
    model = train(data.examples, [linear(base), fm(base)], epochs=1, learning_rate=1e-12)
    rate = model.document["training"]["base_rate"]
    assert scores(model, data.examples) == pytest.approx(rate, abs=1e-4)


def test_a_row_of_twice_the_weight_counts_like_two_rows() -> None:
    examples = part_of(DATA.examples, 0, 40)
    twice = np.arange(40) < 10
    repeated = np.concatenate([np.arange(40), np.flatnonzero(twice)])
    doubled = make_examples(
        DATA.feature_map,
        *(examples.arrays[name][repeated] for name in ("feat_index", "feat_value", "label")),
    )
    weighted = with_arrays(examples, weight=(1 + twice).astype(np.float32))
    base = embedding(DATA.feature_map, dimension=3, initial_stdev=0.3)
    models = [
        train(rows, deepfm(base), epochs=3, optimizer="sgd", learning_rate=0.1, seed=1)
        for rows in (doubled, weighted)
    ]
    assert difference(*models) < 1e-5


def test_a_positive_row_of_weight_three_counts_three_times() -> None:
    label = np.asarray(DATA.examples.arrays["label"])
    weight = np.where(label == 1, 3.0, 1.0).astype(np.float32)
    base = embedding(DATA.feature_map, dimension=3, initial_stdev=0.3)
    settings: dict[str, Any] = {"epochs": 3, "learning_rate": 0.1}
    by_row = train(with_arrays(DATA.examples, weight=weight), deepfm(base), **settings)
    by_class = train(DATA.examples, deepfm(base), positive_weight=3.0, **settings)
    assert difference(by_row, by_class) == 0


def test_balanced_classes_count_the_same_in_all() -> None:
    rows = np.flatnonzero((np.asarray(DATA.examples.arrays["label"]) == 0) | (np.arange(160) < 30))
    arrays = {name: array[rows] for name, array in DATA.examples.arrays.items()}
    examples = Examples({**DATA.examples.document, "rows": len(rows)}, arrays)
    positives = float(arrays["label"].sum())
    base = embedding(DATA.feature_map, dimension=3, initial_stdev=0.3)
    settings: dict[str, Any] = {"epochs": 2, "learning_rate": 0.1}
    balanced = train(examples, deepfm(base), balance_classes=True, **settings)
    share = (len(rows) - positives) / positives
    assert share > 2
    same_by_hand = train(examples, deepfm(base), positive_weight=share, **settings)
    assert difference(balanced, same_by_hand) < 1e-6
    assert np.mean(scores(balanced, examples)) > np.mean(arrays["label"]) + 0.1


def test_a_focal_loss_of_gamma_zero_is_the_log_loss() -> None:
    base = embedding(DATA.feature_map, dimension=3, initial_stdev=0.3)
    models = [
        train(DATA.examples, deepfm(base), epochs=2, learning_rate=0.05, **loss)
        for loss in ({}, {"loss": "focal", "focal_gamma": 0.0}, {"loss": "focal"})
    ]
    assert difference(models[0], models[1]) < 1e-6
    assert difference(models[0], models[2]) > 1e-3


def test_validation_rows_count_by_their_weights() -> None:
    holdout = part_of(DATA.examples, 60, 160)
    weight = np.random.default_rng(0).uniform(0.1, 3, 100).astype(np.float32)
    base = embedding(DATA.feature_map)
    found = {}
    for metric in ("auc", "gini_norm", "normalised_entropy"):
        model = train(
            part_of(DATA.examples, 0, 60), [linear(base)], with_arrays(holdout, weight=weight),
            epochs=1, eval_metric=metric,
        )  # fmt: skip
        (epoch,) = model.document["training"]["history"]
        found[metric] = epoch[f"validation_{metric}"]
    label, score = np.asarray(holdout.arrays["label"]), scores(model, holdout)
    expected = roc_auc_score(label, score, sample_weight=weight)
    assert found["auc"] == pytest.approx(expected, abs=1e-6)
    assert found["gini_norm"] == pytest.approx(2 * expected - 1, abs=1e-6)
    loss = log_loss(label, score, sample_weight=weight)
    rate = np.full(100, np.average(label, weights=weight))
    entropy = loss / log_loss(label, rate, sample_weight=weight)
    assert found["normalised_entropy"] == pytest.approx(entropy, abs=1e-6)


def overfitting(**more: Any) -> Model:
    """A training that gets worse on other rows after some epochs."""
    data = planted(400, [60, 60, 60], seed=1, pairs=0.0)
    base = embedding(data.feature_map, initial_stdev=0.1)
    rows, holdout = part_of(data.examples, 0, 150), part_of(data.examples, 150, 400)
    return train(
        rows,
        deepfm(base),
        holdout,
        **{"epochs": 20, "batch_size": 50, "learning_rate": 0.03, **more},
    )


def test_early_stopping_keeps_the_weights_of_the_best_epoch() -> None:
    model = overfitting(early_stopping_patience=3)
    training = model.document["training"]
    curve = [epoch["validation_auc"] for epoch in training["history"]]
    best = training["best_epoch"]
    assert curve[best - 1] == max(curve)
    assert best < len(curve) == best + 3 < 20
    alone = overfitting(early_stopping_patience=3, epochs=best)
    assert same(model.arrays, alone.arrays)
    assert training["steps"] == 3 * best


def test_the_validation_curve_is_that_of_the_weights_kept() -> None:
    model = overfitting()
    holdout = part_of(planted(400, [60, 60, 60], seed=1, pairs=0.0).examples, 150, 400)
    training = model.document["training"]
    found = roc_auc_score(holdout.arrays["label"], scores(model, holdout))
    kept = training["history"][training["best_epoch"] - 1]
    assert kept["validation_auc"] == pytest.approx(found, abs=1e-9)


@pytest.mark.parametrize("metric", ["logloss", "normalised_entropy"])
def test_a_loss_is_better_when_it_is_smaller(metric: Any) -> None:
    training = overfitting(eval_metric=metric).document["training"]
    curve = [epoch[f"validation_{metric}"] for epoch in training["history"]]
    assert curve[training["best_epoch"] - 1] == min(curve)


def test_gini_is_measured_as_twice_the_auc_less_one() -> None:
    curves = [
        [
            epoch[f"validation_{metric}"]
            for epoch in overfitting(eval_metric=metric, epochs=2).document["training"]["history"]
        ]
        for metric in ("gini_norm", "auc")
    ]
    assert curves[0] == pytest.approx([2 * area - 1 for area in curves[1]], abs=1e-9)


def test_without_validation_every_epoch_is_trained() -> None:
    training = quick_model(DATA, deepfm, epochs=4).document["training"]
    assert training["best_epoch"] == len(training["history"]) == 4
    assert sorted(training["history"][0]) == ["epoch", "loss"]


def test_training_goes_on_from_a_model() -> None:
    first = quick_model(DATA, deepfm, optimizer="sgd", epochs=1)
    second = quick_model(DATA, deepfm, optimizer="sgd", epochs=1, model=first)
    assert second.document["training"]["steps"] == 2 * first.document["training"]["steps"]
    losses = [model.document["training"]["history"][0]["loss"] for model in (first, second)]
    assert losses[1] < losses[0]
    assert 0 < difference(first, second) < 1


def test_rows_whose_feature_never_occurs_stay_as_they_began() -> None:
    model = quick_model(DATA, deepfm)
    trained, begun = model.arrays, quick_model(DATA, deepfm, learning_rate=1e-12).arrays
    (factors,) = (name for name in trained if name.endswith("_factors"))
    occurred = np.unique(DATA.examples.arrays["feat_index"])
    never = np.setdiff1d(np.arange(len(trained[factors])), occurred)
    assert len(never) >= 5  # the missing and the unknown index of every field
    assert np.array_equal(trained[factors][never], begun[factors][never])
    assert (trained[factors][occurred] != begun[factors][occurred]).all()


def test_moving_averages_are_fair_after_few_steps() -> None:
    data = planted(300, [6, 5], numbers=1)
    model = quick_model(
        data, lambda base: deepfm(base, batch_norm=True), epochs=1, learning_rate=1e-12,
        batch_size=30,
    )  # fmt: skip
    name = next(name for name in model.arrays if name.endswith("_mean_0"))
    block = name.split("_")[0]
    index, value = (data.examples.arrays[one] for one in ("feat_index", "feat_value"))
    (factors,) = (name for name in model.arrays if name.endswith("_factors"))
    inputs = (model.arrays[factors][index] * value[:, :, None]).reshape(300, -1)
    hidden = inputs @ model.arrays[f"{block}_kernel_0"]
    assert model.arrays[name] == pytest.approx(hidden.mean(0), abs=1e-5)
    variance = model.arrays[f"{block}_variance_0"]
    assert variance == pytest.approx(hidden.var(0), rel=0.1)


def test_large_trainings_are_compiled_and_learn_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plain = quick_model(DATA, lambda base: deepfm(base, batch_norm=True))
    monkeypatch.setattr("components.ctr._trainer._WORTH_COMPILING", 0)
    compiled = quick_model(DATA, lambda base: deepfm(base, batch_norm=True))
    assert difference(plain, compiled) < 1e-5


def test_fm_beats_logistic_regression_where_pairs_matter() -> None:
    data = planted(4000, [12, 12, 12], seed=2, pairs=1.0)
    base = embedding(data.feature_map, dimension=4, initial_stdev=0.01)
    rows, rest = part_of(data.examples, 0, 3000), part_of(data.examples, 3000, 4000)
    models: dict[str, list[Logit]] = {"lr": [linear(base)], "fm": [linear(base), fm(base)]}
    areas = {}
    for name, logits in models.items():
        model = train(rows, logits, epochs=12, batch_size=200, learning_rate=0.02)
        areas[name] = roc_auc_score(rest.arrays["label"], scores(model, rest))
    assert areas["lr"] + 0.05 < areas["fm"]


def test_curves_and_progress_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[dict[str, Any]] = []
    monkeypatch.setattr(context, "_sink", told.append)
    overfitting(epochs=2)
    points = [one for one in told if one["type"] == "metrics" and "loss" in one["values"]]
    assert [point["step"] for point in points] == [1, 2]
    assert sorted(points[0]["values"]) == ["loss", "validation_auc", "validation_logloss"]
    shares = [message["share"] for message in told if message["type"] == "progress"]
    assert shares == sorted(shares)
    assert math.isclose(shares[-1], 1.0)


def test_group_auc_is_measured_within_the_groups_of_the_validation() -> None:
    holdout = part_of(DATA.examples, 60, 160)
    groups = np.arange(100) % 5
    base = embedding(DATA.feature_map)
    model = train(
        part_of(DATA.examples, 0, 60),
        [linear(base)],
        with_arrays(holdout, group=groups),
        epochs=1,
        eval_metric="group_auc",
    )
    label, score = np.asarray(holdout.arrays["label"]), scores(model, holdout)
    areas = [roc_auc_score(label[groups == one], score[groups == one]) for one in range(5)]
    (epoch,) = model.document["training"]["history"]
    assert epoch["validation_group_auc"] == pytest.approx(np.mean(areas), abs=1e-9)
