"""Raw columns to scores with TensorFlow's operations alone: what `encode` does, and the network.

Texts and numbers come as they are in the table. A vocabulary is a `StaticHashTable`; hashed
features use the hash that `encode` computes, too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from ._fields import JOINT, columns_of, missing_numbers
from ._layer import Pass
from ._network import Network, forward
from ._scoring import look_up

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]


Field = Mapping[str, Any]
Columns = Mapping[str, Any]  # tensors (n,), text or float64, by column
Cells = tuple[Any, Any]  # index int32 and value float64 of one field, (n, slots)


class Exported(tf.Module):  # type: ignore[misc]
    """A model that scores raw columns. `missing_text` stands for a text that is missing."""

    def __init__(
        self,
        network: Network,
        arrays: Mapping[str, Array],
        feature_map: Mapping[str, Any],
        missing_text: str,
    ) -> None:
        super().__init__()
        self._network = network
        self._fields = list(feature_map["fields"])
        self._missing = [missing_text, *feature_map.get("missing_values", [])]
        self._numbers = missing_numbers(feature_map.get("missing_values", []))
        self.weights = {
            name: tf.Variable(np.asarray(array), trainable=False, name=name)
            for name, array in arrays.items()
        }
        self.vocabularies = {
            field["name"]: _vocabulary(field)
            for field in self._fields
            if field["type"] == "categorical" and field.get("values")
        }

    def __call__(self, columns: Columns) -> dict[str, Any]:
        """Probability (n,) and class (n,) of the rows."""
        cells = [self._encode(columns, f) for f in self._fields if not f.get("slot", 0)]
        index = tf.concat([tf.cast(index, tf.int32) for index, _ in cells], axis=1)
        value = tf.concat([tf.cast(value, tf.float32) for _, value in cells], axis=1)
        rows: dict[str, Any] = {}
        for table in self._network.tables:
            rows |= look_up(table, self.weights, index)
        logit = forward(self._network, rows, index, value, Pass(self.weights))
        score = tf.sigmoid(tf.cast(logit, tf.float64))
        return {"prediction_score": score, "prediction_result": tf.cast(score >= 0.5, tf.int64)}

    def _encode(self, columns: Columns, field: Field) -> Cells:
        given = [columns[name] for name in columns_of(field)]
        if field["type"] in ("numeric", "bucket"):
            encode = _encode_number if field["type"] == "numeric" else _encode_bucket
            index, value = encode(given[0], field, self._numbers)
        elif "slots" in field:
            return self._encode_items(given[0], field)
        else:
            text, missing = self._join(given)
            index = tf.where(missing, tf.cast(field["missing_index"], tf.int64),
                             self._place(text, field))  # fmt: skip
            value = tf.ones_like(index, tf.float64)
        return index[:, None], value[:, None]

    def _join(self, texts: Sequence[Any]) -> tuple[Any, Any]:
        """One text a row, of all the columns; missing where one of them is."""
        missing = [_is_one_of(text, self._missing) for text in texts]
        joined = texts[0] if len(texts) == 1 else tf.strings.join(texts, JOINT)
        return joined, tf.reduce_any(tf.stack(missing), axis=0)

    def _place(self, text: Any, field: Field) -> Any:
        """The index of each text that is not missing."""
        if field["type"] == "hashed":
            bucket = tf.strings.to_hash_bucket_fast(text, field["buckets"])
            return bucket + field["first_index"]
        table = self.vocabularies.get(field.get("vocabulary", field["name"]))
        unknown = tf.constant(field["unknown_index"], tf.int64)
        if table is None:
            return tf.broadcast_to(unknown, tf.shape(text))
        found = table.lookup(text)
        return tf.where(found < 0, unknown, found + field["first_index"])

    def _encode_items(self, text: Any, field: Field) -> Cells:
        """The first items of each cell, then slots of value 0."""
        there = tf.where(_is_one_of(text, self._missing), "", text)
        items = tf.strings.split(there, field["separator"])
        words, weights = items.flat_values, tf.ones_like(items.flat_values, tf.float64)
        if field["weight_separator"] is not None:
            words, weights = _weighted(words, field["weight_separator"])
        kept = items.with_flat_values(~_is_one_of(words, ["", *self._missing[1:]]))
        place = self._place(words, field)
        index = tf.ragged.boolean_mask(items.with_flat_values(place), kept)
        value = tf.ragged.boolean_mask(items.with_flat_values(weights), kept)
        shape, empty = [None, field["slots"]], index.row_lengths() == 0
        dense_index = index.to_tensor(field["missing_index"], shape=shape)
        dense_value = value.to_tensor(0, shape=shape)
        if field["combine"] == "mean":
            total = tf.reduce_sum(dense_value, axis=1, keepdims=True)
            dense_value /= tf.maximum(total, np.finfo(np.float64).tiny)
        first = tf.one_hot(tf.zeros_like(empty, tf.int32), field["slots"], dtype=tf.float64)
        return dense_index, tf.where(empty[:, None], first, dense_value)


def number_columns(feature_map: Mapping[str, Any]) -> set[str]:
    """The columns that come as numbers."""
    return _columns(feature_map, lambda field: field["type"] in ("numeric", "bucket"))


def text_columns(feature_map: Mapping[str, Any]) -> set[str]:
    """The columns that come as texts."""
    return _columns(feature_map, lambda field: field["type"] not in ("numeric", "bucket"))


def _columns(feature_map: Mapping[str, Any], wanted: Callable[[Field], bool]) -> set[str]:
    fields = [field for field in feature_map["fields"] if wanted(field)]
    return {name for field in fields for name in columns_of(field)}


def _vocabulary(field: Field) -> Any:
    keys = tf.constant(list(field["values"]), tf.string)
    places = tf.range(len(field["values"]), dtype=tf.int64)
    initializer = tf.lookup.KeyValueTensorInitializer(keys, places)
    return tf.lookup.StaticHashTable(initializer, default_value=-1)


def _is_one_of(text: Any, values: Sequence[str]) -> Any:
    return tf.reduce_any([tf.equal(text, value) for value in values], axis=0)


def _is_missing(numbers: Any, missing: Sequence[float]) -> Any:
    marks = [tf.equal(numbers, tf.constant(value, tf.float64)) for value in missing]
    return tf.reduce_any([tf.math.is_nan(numbers), *marks], axis=0)


def _encode_number(numbers: Any, field: Field, missing: Sequence[float]) -> Cells:
    absent = _is_missing(numbers, missing)
    value = tf.where(absent, tf.ones_like(numbers), _transform(numbers, field))
    return tf.where(absent, field["missing_index"], field["index"]), value


def _transform(numbers: Any, field: Field) -> Any:
    if field["transform"] == "standardise":
        return (numbers - field["mean"]) / (field["std"] or 1.0)
    if field["transform"] == "log":
        largest = max(abs(field["min"] or 0.0), abs(field["max"] or 0.0))
        return tf.sign(numbers) * tf.math.log1p(tf.abs(numbers)) / (np.log1p(largest) or 1.0)
    return numbers


def _encode_bucket(numbers: Any, field: Field, missing: Sequence[float]) -> Cells:
    boundaries = tf.constant(field["boundaries"], tf.float64)
    bucket = tf.searchsorted(boundaries, numbers, side="left") + field["first_index"]
    absent = _is_missing(numbers, missing)
    return tf.where(absent, field["missing_index"], bucket), tf.ones_like(numbers)


def _weighted(items: Any, mark: str) -> tuple[Any, Any]:
    """Before the last weight separator the text, after it the weight; 1 where there is none."""
    pattern = f"(?s)^(.*){re.escape(mark)}(.*)$"
    written = tf.strings.regex_full_match(items, pattern)
    last = tf.where(written, tf.strings.regex_replace(items, pattern, r"\2"), "1")
    weight = tf.strings.to_number(tf.strings.strip(last), tf.float64)
    return tf.strings.regex_replace(items, pattern, r"\1"), weight
