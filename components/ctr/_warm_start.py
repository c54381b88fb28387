"""Carry trained rows over to another feature map: by field and value, whatever their indices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.component import ComponentError, Logit, Model, digest_bytes, digest_json, say

from ._network import BIAS, Network

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]

FeatureMapDocument = Mapping[str, Any]


def row_map(old: FeatureMapDocument, new: FeatureMapDocument) -> tuple[Array, Array]:
    """Rows of the new map that stand for something the old one knows, and the old rows."""
    fields = {field["name"]: field for field in old["fields"]}
    pairs = [
        np.stack(_same(fields[field["name"]], field), axis=1)
        for field in new["fields"]
        if field["name"] in fields and "vocabulary" not in field
    ]
    both = np.concatenate([np.empty((0, 2), np.int32), *pairs]).astype(np.int32)
    return both[:, 0], both[:, 1]


def _same(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Array, Array]:
    """Indices of what two fields of one name have in common: (new, old)."""
    if (old["type"], old.get("transform")) != (new["type"], new.get("transform")):
        return np.empty(0, np.int32), np.empty(0, np.int32)
    before, after = dict(_places(old)), dict(_places(new))
    kept = [token for token in after if token in before]
    return (
        np.array([after[token] for token in kept], np.int32),
        np.array([before[token] for token in kept], np.int32),
    )


def _places(field: Mapping[str, Any]) -> Iterator[tuple[Any, int]]:
    """What each index of a field stands for."""
    for role in ("missing_index", "unknown_index", "index"):
        if role in field:
            yield role, field[role]
    for number, token in enumerate(_tokens(field)):
        yield token, field["first_index"] + number


def _tokens(field: Mapping[str, Any]) -> list[Any]:
    """What stands at first_index and after it; buckets mean the same only among their like."""
    match field["type"]:
        case "categorical":
            return [("value", value) for value in field.get("values", [])]
        case "bucket":
            boundaries = digest_json(list(field["boundaries"]))
            return [(boundaries, bucket) for bucket in range(len(field["boundaries"]) + 1)]
        case "hashed":
            return [(field["buckets"], bucket) for bucket in range(field["buckets"])]
    return []


def start_of(model: Model, new: FeatureMapDocument, dimension: int) -> dict[str, Array]:
    """What an embedding on the new map can take over from a model.

    `rows` (m,) of the new map, their `factors` (m, K) and first-order `weights` (m,) where the
    model has such, and its output `bias` ().
    """
    document = model.document
    if "blocks" not in document:
        raise _cannot_start("it is of boosted trees", "Connect a model of 'train' or 'fm_train'.")
    if document["feature_map"] is None:
        raise _cannot_start(
            "it was trained on plain columns, whose keys are no indices of the feature map",
            "Connect the feature map to 'fm_train', too.",
        )
    bases = [block for block in document["blocks"] if block["type"] == "embedding"]
    if len(bases) != 1:
        raise _cannot_start(f"it has {len(bases)} embeddings", "Take a model of one.")
    rows, old_rows = row_map(document["feature_map"], new)
    if not len(rows):
        raise _cannot_start(
            "it knows none of the fields of the feature map",
            "Connect a model that was trained on the same columns.",
        )
    found = {"rows": rows}
    factors = model.arrays.get(f"{bases[0]['id']}_factors")
    if factors is not None:
        _check_dimension(factors.shape[1], dimension)
        found["factors"] = np.asarray(factors)[old_rows]
    linears = [block["id"] for block in document["blocks"] if block["type"] == "linear"]
    if len(linears) == 1:
        found["weights"] = np.asarray(model.arrays[f"{linears[0]}_weights"])[old_rows]
    if BIAS in model.arrays:
        found["bias"] = np.asarray(model.arrays[BIAS])
    return found


def digest_start(start: Mapping[str, Array]) -> str:
    """What tells two starts apart, by content."""
    return digest_json(
        {
            name: [array.dtype.str, list(array.shape), digest_bytes(array.tobytes())]
            for name, array in start.items()
        }
    )


def name_start(block: str, start: Mapping[str, Array]) -> dict[str, Array]:
    """The arrays under the names that they have in descriptions of blocks."""
    return {f"{block}_start_{name}": array for name, array in start.items()}


def apply_starts(arrays: dict[str, Array], network: Network, logits: list[Logit]) -> None:
    """Lay what the embeddings take over upon the first weights."""
    given = {name: array for logit in logits for name, array in logit.arrays.items()}
    for table in network.tables:
        rows = given.get(f"{table.id}_start_rows")
        if rows is None:
            continue
        parts = {
            table.factors: "factors",
            **{table.weights(one): "weights" for one in table.linears},
        }
        for name, part in parts.items():
            start = given.get(f"{table.id}_start_{part}")
            if start is not None and name in arrays:
                arrays[name][rows] = start
        if BIAS in arrays and f"{table.id}_start_bias" in given:
            arrays[BIAS] = np.asarray(given[f"{table.id}_start_bias"])


def _check_dimension(found: int, dimension: int) -> None:
    if found != dimension:
        raise ComponentError(
            say(
                "The model to start from has vectors of length {found}, not {dimension}.",
                found=found,
                dimension=dimension,
            ),
            hint=say("Set 'dimension' to {found}.", found=found),
            parameter="dimension",
            code="warm_start.dimension",
        )


def _cannot_start(reason: str, hint: str) -> ComponentError:
    return ComponentError(
        say("The embedding cannot start from this model: {reason}.", reason=reason),
        hint=hint,
        code="warm_start.mismatch",
    )
