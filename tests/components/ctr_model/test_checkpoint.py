"""A training that is killed goes on from its last checkpoint, to the same model."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from components.ctr import _training
from components.ctr._checkpoint import Checkpoints, Outcome, Place
from components.ctr.embedding import embedding
from components.ctr.train import train
from studio.component import Model, canonical_json, context

from .builders import deepfm, part_of, planted, same

pytestmark = pytest.mark.slow

DATA = planted(400, [6, 5], numbers=1)


def training(validated: bool = True) -> Model:
    base = embedding(DATA.feature_map, dimension=3, initial_stdev=0.3)
    rows, rest = part_of(DATA.examples, 0, 300), part_of(DATA.examples, 300, 400)
    return train(
        rows,
        deepfm(base, dropout=[0.1, 0.1, 0.1], batch_norm=True),
        rest if validated else None,
        epochs=6,
        batch_size=40,
        learning_rate=0.02,
        learning_rate_decay=0.9,
        early_stopping_patience=3 if validated else None,
    )


def keep_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context, "_kept", folder)
    monkeypatch.setattr("components.ctr._checkpoint._SECONDS", 0.0)
    monkeypatch.setattr(Checkpoints.__init__, "__defaults__", (0.0,))


def killed_after(steps: int, folder: Path, validated: bool) -> None:
    """The same training in a process that ends itself without a word."""
    code = f"""
import os, pathlib
from components.ctr import _checkpoint
from studio.component import context
from tests.components.ctr_model import test_checkpoint

left = {steps}
def listen(message):
    global left
    left -= message["type"] == "progress"
    if left == 0:
        os._exit(9)

_checkpoint.Checkpoints.__init__.__defaults__ = (0.0,)
context.attach(listen, 1)
context.attach_folders(pathlib.Path("."), pathlib.Path({str(folder)!r}))
test_checkpoint.training({validated})
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 9, done.stderr


@pytest.mark.parametrize(("steps", "validated"), [(2, True), (5, True), (6, False)])
def test_a_killed_training_goes_on_to_the_same_model(
    steps: int, validated: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = training(validated)
    killed_after(steps, tmp_path, validated)
    keep_in(tmp_path, monkeypatch)
    told: list[dict[str, Any]] = []
    monkeypatch.setattr(context, "_sink", told.append)
    resumed = training(validated)
    assert same(whole.arrays, resumed.arrays)
    assert canonical_json(whole.document) == canonical_json(resumed.document)
    shares = [one["share"] for one in told if one["type"] == "progress"]
    assert shares[0] > steps / 2 / 6 * 0.5  # it did not begin anew
    assert len(shares) < 2 * len(whole.document["training"]["history"])


def test_a_checkpoint_is_read_as_it_was_written(tmp_path: Path) -> None:
    place = Place(epoch=3, chunks=2, rows=80, steps=5, loss=1.25)
    outcome = Outcome({"w": np.arange(3.0)}, 2, 0.75, 40, [{"epoch": 1, "loss": 0.5}])
    checkpoints = Checkpoints(tmp_path, 0)
    assert checkpoints.load() is None
    checkpoints.save(place, {"step": np.array(7)}, outcome)
    found = checkpoints.load()
    assert found is not None
    assert found[0] == place
    assert found[1]["step"] == 7
    assert np.array_equal(found[2].arrays["w"], np.arange(3.0))
    assert (found[2].best, found[2].history) == (0.75, outcome.history)


def test_a_checkpoint_that_was_being_written_does_not_count(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path, 0)
    checkpoints.save(Place(epoch=1), {}, Outcome())
    (tmp_path / "checkpoint.part").write_bytes(b"half")
    found = checkpoints.load()
    assert found is not None
    assert found[0].epoch == 1


def test_checkpoints_are_written_only_now_and_then(tmp_path: Path) -> None:
    assert not Checkpoints(tmp_path, 3600).is_due
    assert not Checkpoints(None, 0).is_due
    assert Checkpoints(tmp_path, 0).is_due


def test_long_epochs_tell_of_their_loss_on_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_training, "_TELL_SECONDS", 0.0)
    told: list[dict[str, Any]] = []
    monkeypatch.setattr(context, "_sink", told.append)
    training()
    steps = [one["step"] for one in told if "batch_loss" in one.get("values", {})]
    assert steps == sorted(set(steps))
    assert len(steps) == 2 * len([one for one in told if "loss" in one.get("values", {})])
