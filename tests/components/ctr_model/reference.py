"""What a model computes, written a second time: NumPy, double precision, pair by pair."""

from __future__ import annotations

from itertools import combinations, pairwise
from math import erf
from typing import Any

import numpy as np

from studio.component import Model

Array = np.ndarray[Any, np.dtype[Any]]

ACTIVATIONS: dict[str, Any] = {
    "relu": lambda x: np.maximum(x, 0),
    "leaky_relu": lambda x: np.where(x > 0, x, 0.2 * x),
    "elu": lambda x: np.where(x > 0, x, np.expm1(x)),
    "gelu": lambda x: x * 0.5 * (1 + np.vectorize(erf)(x / np.sqrt(2))),
    "tanh": np.tanh,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
}


def probabilities(model: Model, index: Array, value: Array) -> Array:
    return 1 / (1 + np.exp(-logits(model, index, value)))


def logits(model: Model, index: Array, value: Array) -> Array:
    weights = {name: np.asarray(array, np.float64) for name, array in model.arrays.items()}
    value = value.astype(np.float64)
    heads = [features(model, head, weights, index, value) for head in model.document["heads"]]
    if model.document["combine"] == "projection":
        combined = np.concatenate(heads, axis=1) @ weights["projection_kernel"]
    else:
        combined = np.zeros(len(index))
        for name, columns in zip(model.document["heads"], heads, strict=True):
            combined += columns @ weights.get(f"readout_{name}", np.ones(columns.shape[1]))
    total: Array = combined + weights["output_bias"]
    return total


def features(
    model: Model, name: str, weights: dict[str, Array], index: Array, value: Array
) -> Array:
    """What one block offers: (n, F), (n, K) or (n, H)."""
    block = next(one for one in model.document["blocks"] if one["id"] == name)
    base = next(one for one in model.document["blocks"] if one["id"] == block["inputs"][0])
    if block["type"] == "linear":
        return pooled(base, weights[f"{name}_weights"][index] * value)
    if block["type"] == "wide":
        return crossed(block, weights, index, value)
    vectors = pooled(base, weights[f"{base['id']}_factors"][index] * value[:, :, None])
    match block["type"]:
        case "fm":
            return pair_sums(vectors)
        case "cross_network":
            return crosses(block, weights, vectors.reshape(len(index), -1))
        case "cin":
            return compressed(block, weights, vectors)
        case "attention":
            return attended(block, weights, vectors)
    return layers(block, weights, vectors.reshape(len(index), -1))


def pair_sums(vectors: Array) -> Array:
    """The sum over all pairs of fields i < j of v_i * v_j, factor by factor."""
    total = np.zeros((vectors.shape[0], vectors.shape[2]))
    for first, second in combinations(range(vectors.shape[1]), 2):
        total += vectors[:, first] * vectors[:, second]
    return total


def layers(block: dict[str, Any], weights: dict[str, Array], hidden: Array) -> Array:
    name = block["id"]
    for number in range(len(block["parameters"]["hidden_units"])):
        hidden = hidden @ weights[f"{name}_kernel_{number}"]
        if block["parameters"]["batch_norm"]:
            mean, variance = (weights[f"{name}_{one}_{number}"] for one in ("mean", "variance"))
            hidden = (hidden - mean) / np.sqrt(variance + 1e-3) * weights[f"{name}_scale_{number}"]
        hidden = hidden + weights[f"{name}_bias_{number}"]
        hidden = ACTIVATIONS[block["parameters"]["activation"]](hidden)
    return hidden


def pooled(base: dict[str, Any], cells: Array) -> Array:
    """The cells of each field added up: (n, C, ...) to (n, F, ...)."""
    slots = base["parameters"].get("slots", [1] * cells.shape[1])
    first = np.cumsum([0, *slots])
    fields = [cells[:, a:b].sum(1) for a, b in pairwise(first)]
    return np.stack(fields, axis=1)


def crossed(block: dict[str, Any], weights: dict[str, Array], index: Array, value: Array) -> Array:
    """Wide crosses, row by row, with whole numbers of any size."""
    buckets = block["parameters"]["buckets"]
    terms = np.empty((len(index), len(block["parameters"]["places"])))
    for number, places in enumerate(block["parameters"]["places"]):
        for row in range(len(index)):
            mixed = 0
            for feature in index[row, places]:
                mixed = (mixed * 1_103_515_245 + int(feature) + 1) % (2**31 - 1)
            at = mixed % buckets + number * buckets
            terms[row, number] = weights[f"{block['id']}_weights_0"][at] * value[row, places].prod()
    return terms


def crosses(block: dict[str, Any], weights: dict[str, Array], first: Array) -> Array:
    """DCN-v2, number by number of every row."""
    name, hidden = block["id"], first
    for number in range(block["parameters"]["layers"]):
        if block["parameters"]["rank"] is None:
            kernel = weights[f"{name}_kernel_{number}"]
        else:
            kernel = weights[f"{name}_down_{number}"] @ weights[f"{name}_up_{number}"]
        mixed = np.einsum("ni,ij->nj", hidden, kernel) + weights[f"{name}_bias_{number}"]
        hidden = first * mixed + hidden
    return hidden


def compressed(block: dict[str, Any], weights: dict[str, Array], first: Array) -> Array:
    """xDeepFM, pair by pair of maps and fields."""
    hidden, pooled = first, []
    for number, maps in enumerate(block["parameters"]["maps"]):
        kernel = weights[f"{block['id']}_kernel_{number}"]
        kernel = kernel.reshape(hidden.shape[1], first.shape[1], maps)
        after = np.zeros((len(first), maps, first.shape[2]))
        for one in range(hidden.shape[1]):
            for other in range(first.shape[1]):
                product = hidden[:, one] * first[:, other]
                after += kernel[one, other][None, :, None] * product[:, None, :]
        hidden = np.maximum(after, 0) if block["parameters"]["activation"] == "relu" else after
        pooled.append(hidden.sum(2))
    return np.concatenate(pooled, axis=1)


def attended(block: dict[str, Any], weights: dict[str, Array], hidden: Array) -> Array:
    """AutoInt, head by head and row by row."""
    name, size = block["id"], block["parameters"]["head_size"]
    for number in range(block["parameters"]["layers"]):
        kernels = {role: weights[f"{name}_{role}_{number}"] for role in ("query", "key", "value")}
        after = np.zeros((*hidden.shape[:2], kernels["query"].shape[1]))
        for head in range(block["parameters"]["heads"]):
            part = slice(head * size, (head + 1) * size)
            for row, fields in enumerate(hidden):
                query, key, value = (fields @ kernel[:, part] for kernel in kernels.values())
                alike = np.exp(query @ key.T)
                after[row, :, part] = alike / alike.sum(1, keepdims=True) @ value
        if block["parameters"]["residual"]:
            after += hidden @ weights[f"{name}_residual_{number}"]
        hidden = np.maximum(after, 0)
    return hidden.reshape(len(hidden), -1)
