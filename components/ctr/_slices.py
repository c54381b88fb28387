"""The metrics of parts of a scored table, by the values of one of its columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ._probability import base_rate_logloss, logloss
from ._ranking import auc_interval

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]

_SLICES = 20
_BINS = 10


class Slicing(NamedTuple):
    """The slice of each row, and what the slices are called, in the order to show them."""

    codes: Array
    names: list[str]


def slice_rows(column: Any) -> Slicing:
    """One slice a value; many numbers become ten bins, and rare texts one slice of others."""
    values = column.combine_chunks()
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    number = pa.types.is_integer(values.type) or pa.types.is_floating(values.type)
    if number and pc.count_distinct(values).as_py() > _SLICES:
        return _bins(values)
    return _values(values)


def slices(label: Array, score: Array, slicing: Slicing) -> list[dict[str, Any]]:
    """Rows, base rate and quality of every slice; areas only where both classes are."""
    parts = [(name, slicing.codes == code) for code, name in enumerate(slicing.names)]
    return [_describe(name, label[rows], score[rows]) for name, rows in parts if rows.any()]


def _describe(name: str, label: Array, score: Array) -> dict[str, Any]:
    positives = int(label.sum())
    found: dict[str, Any] = {
        "value": name,
        "rows": len(label),
        "positives": positives,
        "base_rate": float(label.mean()),
        "mean_score": float(score.mean()),
        "logloss": logloss(label, score),
        "calibration": float(score.sum()) / positives if positives else None,
        "normalised_entropy": None,
        "auc": None,
        "auc_low": None,
        "auc_high": None,
    }
    if 0 < positives < len(label):
        area = auc_interval(label, score)
        found["normalised_entropy"] = found["logloss"] / base_rate_logloss(label)
        found |= {"auc": area.auc, "auc_low": area.low, "auc_high": area.high}
    return found


def _values(values: Any) -> Slicing:
    """The most frequent values, then the others together."""
    encoded = values.dictionary_encode(null_encoding="encode")
    codes = encoded.indices.to_numpy()
    names = ["(missing)" if one is None else str(one) for one in encoded.dictionary.to_pylist()]
    frequent = np.argsort(-np.bincount(codes, minlength=len(names)), kind="stable")
    if len(names) <= _SLICES:
        order, others = frequent, []
    else:
        order = frequent[: _SLICES - 1]
        others = [f"({len(names) - len(order)} others)"]
    place = np.full(len(names), len(order))
    place[order] = np.arange(len(order))
    return Slicing(place[codes], [*(names[one] for one in order), *others])


def _bins(values: Any) -> Slicing:
    """Ten bins of about equally many rows, from low to high; missing ones last."""
    numbers = pc.fill_null(pc.cast(values, pa.float64()), float("nan")).to_numpy()
    missing = np.isnan(numbers)
    edges = np.unique(np.quantile(numbers[~missing], np.linspace(0, 1, _BINS + 1)))
    codes = np.clip(np.searchsorted(edges, numbers, side="right") - 1, 0, len(edges) - 2)
    codes[missing] = len(edges) - 1
    ends = ["]" if one == len(edges) - 2 else ")" for one in range(len(edges) - 1)]
    names = [
        f"[{low:.6g}, {high:.6g}{end}"
        for low, high, end in zip(edges[:-1], edges[1:], ends, strict=True)
    ]
    return Slicing(codes, [*names, "(missing)"])
