"""Layers that cross the fields explicitly: DCN-v2's, xDeepFM's and AutoInt's."""

from __future__ import annotations

import tensorflow as tf

from studio.component import Block

from ._layer import Embedded, Pass, Plain, Weight, weight_name


class CrossNetwork(Plain):
    """DCN-v2: every layer multiplies the input, number by number, with a mix of the last layer."""

    has_readout = True

    def width(self, block: Block, fields: int, dimension: int) -> int:
        return fields * dimension

    def weights(self, block: Block, fields: int, dimension: int) -> list[Weight]:
        parameters, size = block["parameters"], fields * dimension
        weights = []
        for number in range(parameters["layers"]):
            kernels = {"kernel": (size, size)}
            if parameters["rank"] is not None:
                kernels = {"down": (size, parameters["rank"]), "up": (parameters["rank"], size)}
            weights += [
                Weight(weight_name(block, role, number), shape, "glorot", parameters["l2"])
                for role, shape in kernels.items()
            ]
            weights.append(Weight(weight_name(block, "bias", number), (size,), "zeros"))
        return weights

    def features(self, block: Block, embedded: Embedded, run: Pass) -> tf.Tensor:
        _, fields, dimension = embedded.factors.shape
        first = hidden = tf.reshape(embedded.factors, (-1, fields * dimension))
        roles = ["kernel"] if block["parameters"]["rank"] is None else ["down", "up"]
        for number in range(block["parameters"]["layers"]):
            mixed = hidden
            for role in roles:
                mixed = mixed @ run.weights[weight_name(block, role, number)]
            hidden = first * (mixed + run.weights[weight_name(block, "bias", number)]) + hidden
        return run.dropout(hidden, block["parameters"]["dropout"], block["id"])


class CompressedInteraction(Plain):
    """xDeepFM: maps of vectors, each a weighted sum of products of the last maps and the fields."""

    has_readout = True

    def width(self, block: Block, fields: int, dimension: int) -> int:
        return sum(block["parameters"]["maps"])

    def weights(self, block: Block, fields: int, dimension: int) -> list[Weight]:
        parameters, before = block["parameters"], fields
        weights = []
        for number, maps in enumerate(parameters["maps"]):
            name = weight_name(block, "kernel", number)
            weights.append(Weight(name, (before * fields, maps), "glorot", parameters["l2"]))
            before = maps
        return weights

    def features(self, block: Block, embedded: Embedded, run: Pass) -> tf.Tensor:
        _, fields, dimension = embedded.factors.shape
        first = hidden = tf.transpose(embedded.factors, (0, 2, 1))  # (n, K, F)
        pooled = []
        for number in range(len(block["parameters"]["maps"])):
            products = hidden[:, :, :, None] * first[:, :, None, :]
            flat = tf.reshape(products, (-1, dimension, hidden.shape[2] * fields))
            hidden = flat @ run.weights[weight_name(block, "kernel", number)]
            if block["parameters"]["activation"] == "relu":
                hidden = tf.nn.relu(hidden)
            pooled.append(tf.reduce_sum(hidden, axis=1))
        features = tf.concat(pooled, axis=1)
        return run.dropout(features, block["parameters"]["dropout"], block["id"])


class SelfAttention(Plain):
    """AutoInt: every field becomes a mix of all fields, as alike as a learned product says."""

    has_readout = True

    def width(self, block: Block, fields: int, dimension: int) -> int:
        return fields * _attended(block)

    def weights(self, block: Block, fields: int, dimension: int) -> list[Weight]:
        parameters, inputs, outputs = block["parameters"], dimension, _attended(block)
        roles = ["query", "key", "value", *(["residual"] if parameters["residual"] else [])]
        weights = []
        for number in range(parameters["layers"]):
            weights += [
                Weight(name, (inputs, outputs), "glorot", parameters["l2"])
                for name in (weight_name(block, role, number) for role in roles)
            ]
            inputs = outputs
        return weights

    def features(self, block: Block, embedded: Embedded, run: Pass) -> tf.Tensor:
        hidden, fields = embedded.factors, embedded.factors.shape[1]
        for number in range(block["parameters"]["layers"]):
            hidden = tf.nn.relu(self._attend(block, number, hidden, run))
        flat = tf.reshape(hidden, (-1, fields * _attended(block)))
        return run.dropout(flat, block["parameters"]["dropout"], block["id"])

    def _attend(self, block: Block, number: int, hidden: tf.Tensor, run: Pass) -> tf.Tensor:
        fields, heads = hidden.shape[1], block["parameters"]["heads"]

        def project(role: str) -> tf.Tensor:
            """(n, heads, F, head_size)"""
            flat = hidden @ run.weights[weight_name(block, role, number)]
            apart = tf.reshape(flat, (-1, fields, heads, block["parameters"]["head_size"]))
            return tf.transpose(apart, (0, 2, 1, 3))

        alike = tf.matmul(project("query"), project("key"), transpose_b=True)
        mixed = tf.transpose(tf.nn.softmax(alike) @ project("value"), (0, 2, 1, 3))
        together = tf.reshape(mixed, (-1, fields, _attended(block)))
        if block["parameters"]["residual"]:
            together += hidden @ run.weights[weight_name(block, "residual", number)]
        return together


def _attended(block: Block) -> int:
    """Numbers a field has after a layer of attention."""
    return int(block["parameters"]["heads"] * block["parameters"]["head_size"])
