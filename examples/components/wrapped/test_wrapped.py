"""Code of others, each wrapped in a function of at most fifteen lines."""

import ast
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from keras_branch import keras_branch
from keras_projection import keras_projection
from polars_ranks import polars_ranks
from scale_columns import scale_columns
from train_trees import train_trees

WRAPPERS = ("keras_branch", "keras_projection", "polars_ranks", "scale_columns", "train_trees")
FILES = [Path(__file__).with_name(f"{name}.py") for name in WRAPPERS]
TABLE = pd.DataFrame(
    {"amount": [1.0, 2.0, 3.0, 40.0] * 30, "category": list("aabb") * 30, "label": [0, 1] * 60}
)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_wrapper_has_fifteen_lines_at_most_without_its_words(file):
    (function,) = [n for n in ast.parse(file.read_text()).body if isinstance(n, ast.FunctionDef)]
    words = function.body[0]
    lines = function.end_lineno - function.decorator_list[0].lineno + 1
    assert lines - (words.end_lineno - words.lineno + 1) <= 15


def test_a_transformer_of_scikit_learn():
    assert scale_columns(TABLE)["amount"].median() == 0


def test_an_expression_of_polars():
    ranked = polars_ranks(pl.from_pandas(TABLE.head(4)))
    assert ranked["amount_rank"].to_list() == [1, 2, 1, 2]


def test_a_trainer_of_lightgbm():
    assert train_trees(TABLE).document["text"].startswith("tree")


def test_a_layer_of_keras():
    first, second = (keras_projection(TABLE, seed=1) for _ in range(2))
    assert [name for name in first if name.startswith("unit_")] == [f"unit_{n}" for n in range(8)]
    pd.testing.assert_frame_equal(first, second)


def test_layers_of_keras_as_a_branch_give_one_number_a_row():
    assert keras_branch(None)(np.ones((3, 2, 4), "float32")).shape == (3, 1)
