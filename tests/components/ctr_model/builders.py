"""Small data with a planted truth, encoded here by hand as the contract says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from components.ctr.dnn import dnn
from components.ctr.embedding import embedding
from components.ctr.fm import fm
from components.ctr.linear import linear
from components.ctr.train import train
from studio.component import Embedding, Examples, FeatureMap, Logit, Model

Array = np.ndarray[Any, np.dtype[Any]]

LABEL = "clicked"


@dataclass(frozen=True)
class Planted:
    """Rows as a table and encoded, of which the first-order and pair effects are known."""

    feature_map: FeatureMap
    table: pa.Table
    examples: Examples

    def part(self, first: int, last: int) -> Planted:
        return Planted(
            self.feature_map,
            self.table.slice(first, last - first),
            part_of(self.examples, first, last),
        )


def categorical(name: str, first: int, values: int) -> dict[str, Any]:
    """A field whose values v0, v1, ... follow the missing and the unknown index."""
    return {
        "name": name,
        "type": "categorical",
        "missing_index": first,
        "unknown_index": first + 1,
        "first_index": first + 2,
        "values": [f"v{number}" for number in range(values)],
        "counts": [1] * values,
        "missing": 0,
    }


def numeric(name: str, first: int) -> dict[str, Any]:
    """A field that is taken as it is."""
    return {
        "name": name,
        "type": "numeric",
        "missing_index": first,
        "index": first + 1,
        "transform": "raw",
        "mean": 0.0,
        "std": 1.0,
        "min": -1.0,
        "max": 1.0,
        "missing": 0,
    }


def multi_valued(name: str, first: int, values: int, slots: int) -> list[dict[str, Any]]:
    """A field of up to `slots` items a row: an entry for each of its cells."""
    field = categorical(name, first, values) | {"slots": slots, "slot": 0, "combine": "sum"}
    more = [
        {**field, "name": f"{name}[{slot}]", "slot": slot, "vocabulary": name}
        for slot in range(1, slots)
    ]
    return [field, *more]


def feature_map(sizes: list[int], numbers: int = 0) -> FeatureMap:
    """Numeric fields x0, ... and categorical fields c0, ... with so many values each."""
    fields: list[dict[str, Any]] = []
    first = 0
    for number in range(numbers):
        fields.append(numeric(f"x{number}", first))
        first += 2
    for number, size in enumerate(sizes):
        fields.append(categorical(f"c{number}", first, size))
        first += size + 2
    document: dict[str, Any] = {"format": 1, "label": LABEL, "rows": 0, "missing_values": []}
    document |= {"feature_size": first, "fields": fields}
    return FeatureMap(document)


def planted(
    rows: int, sizes: list[int], *, numbers: int = 0, seed: int = 0, pairs: float = 1.0
) -> Planted:
    """Rows whose log-odds are a sum over features and, times `pairs`, over pairs of features."""
    random = np.random.default_rng(seed)
    mapping = feature_map(sizes, numbers)
    fields = mapping.document["fields"]
    codes = [random.integers(0, size, rows) for size in sizes]
    values = [random.uniform(-1, 1, rows) for _ in range(numbers)]
    table: dict[str, Any] = {f"x{number}": column for number, column in enumerate(values)}
    table |= {
        f"c{number}": np.char.add("v", column.astype(str)) for number, column in enumerate(codes)
    }
    index = [np.full(rows, field["index"]) for field in fields[:numbers]]
    index += [
        column + field["first_index"] for column, field in zip(codes, fields[numbers:], strict=True)
    ]
    value = [*values, *(np.ones(rows) for _ in sizes)]
    cells, amounts = np.stack(index, 1), np.stack(value, 1)
    odds = _odds(random, cells, amounts, mapping.document["feature_size"], pairs)
    label = (random.random(rows) < 1 / (1 + np.exp(-odds))).astype(np.float32)
    table[LABEL] = label.astype(np.int64)
    examples = make_examples(mapping, cells, amounts, label)
    return Planted(mapping, pa.table(table), examples)


def make_examples(
    mapping: FeatureMap, index: Array, value: Array, label: Array | None, **more: Array
) -> Examples:
    document = {
        "format": 1,
        "rows": len(index),
        "fields": [field["name"] for field in mapping.document["fields"]],
        "feature_size": mapping.document["feature_size"],
        "feature_map": mapping.document,
        "label": None if label is None else LABEL,
    }
    arrays = {"feat_index": index.astype(np.int32), "feat_value": value.astype(np.float32)}
    if label is not None:
        arrays["label"] = label.astype(np.float32)
    return Examples(document, {**arrays, **more})


def part_of(examples: Examples, first: int, last: int) -> Examples:
    arrays = {name: array[first:last] for name, array in examples.arrays.items()}
    return Examples({**examples.document, "rows": last - first}, arrays)


def with_arrays(examples: Examples, **arrays: Array) -> Examples:
    """The same rows with arrays added or replaced."""
    return Examples(examples.document, {**examples.arrays, **arrays})


def deepfm(base: Embedding, **deep: Any) -> list[Logit]:
    return [linear(base), fm(base), dnn(base, **{"hidden_units": [6, 4], **deep})]


def quick_model(data: Planted, logits: Callable[[Embedding], list[Logit]], **more: Any) -> Model:
    """A model trained for a few steps, with vectors large enough to matter."""
    base = embedding(data.feature_map, dimension=3, initial_stdev=0.3)
    return train(data.examples, logits(base), **{"epochs": 2, "batch_size": 64, **more})


def random_weights(model: Model, seed: int = 0) -> Model:
    """The same model with weights of a size at which every part of it can be seen."""
    random = np.random.default_rng(seed)
    arrays: dict[str, Array] = {}
    for name, array in model.arrays.items():
        drawn = np.asarray(random.normal(0, 0.4, array.shape), np.float32)
        arrays[name] = 1 + np.abs(drawn) if "variance" in name else drawn
    return Model(model.document, arrays)


def difference(first: Model, second: Model) -> float:
    """Largest distance between two weights of the same name."""
    return max(
        float(np.abs(np.asarray(array, np.float64) - second.arrays[name]).max())
        for name, array in first.arrays.items()
    )


def same(first: Mapping[str, Array], second: Mapping[str, Array]) -> bool:
    return sorted(first) == sorted(second) and all(
        np.array_equal(array, second[name]) for name, array in first.items()
    )


def _odds(
    random: np.random.Generator, index: Array, value: Array, size: int, pairs: float
) -> Array:
    weights, vectors = random.normal(0, 0.7, size), random.normal(0, 0.7, (size, 4))
    scaled = vectors[index] * value[:, :, None]
    total = scaled.sum(1)
    second = 0.5 * (total**2 - (scaled**2).sum(1)).sum(1)
    odds: Array = (weights[index] * value).sum(1) + pairs * second - 0.5
    return odds
