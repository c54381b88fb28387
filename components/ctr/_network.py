"""Compile blocks into one network: fused tables, dense weights and the forward pass.

The arrays of a model, by name: `<embedding>_factors` (V, K) and `<linear>_weights` (V,), which
lie in one fused table while computing; `<dnn>_kernel_0`, ...; `readout_<dnn>` or
`projection_kernel`; `output_bias` ().
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from studio.component import CUSTOM, Block, ComponentError, digest_json, say

from ._blocks import field_slots
from ._custom import CustomLayer
from ._layer import Average, Embedded, Layer, Pass, Weight
from ._layers import LAYERS, layer_of

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]

BIAS = "output_bias"
PROJECTION = "projection_kernel"


@dataclass(frozen=True)
class Table:
    """The rows of all features of one embedding: K factors, then one column a linear block."""

    id: str
    features: int
    slots: tuple[int, ...]  # cells of each field: more than one where it is multi-valued
    dimension: int  # 0 where no block uses the factors
    initial_stdev: float
    linears: tuple[str, ...]
    l2: tuple[float, ...]  # one a column

    @property
    def fields(self) -> int:
        return len(self.slots)

    @property
    def cells(self) -> int:
        return sum(self.slots)

    @property
    def columns(self) -> int:
        return self.dimension + len(self.linears)

    @property
    def factors(self) -> str:
        return f"{self.id}_factors"

    def weights(self, linear: str) -> str:
        return f"{linear}_weights"

    @property
    def parts(self) -> dict[str, slice]:
        """The columns of each array that lies in the table."""
        first = self.dimension
        parts = {self.factors: slice(0, first)} if first else {}
        for number, linear in enumerate(self.linears, first):
            parts[self.weights(linear)] = slice(number, number + 1)
        return parts


@dataclass(frozen=True)
class Network:
    """All that is known about a network before it is trained."""

    blocks: tuple[Block, ...]
    heads: tuple[str, ...]
    combine: str
    tables: tuple[Table, ...]
    weights: tuple[Weight, ...]
    averages: tuple[Average, ...]
    layers: Mapping[str, Layer]  # by the id of the block

    @property
    def is_custom(self) -> bool:
        """Whether a layer is code of a package."""
        return any(isinstance(layer, CustomLayer) for layer in self.layers.values())

    def block(self, name: str) -> Block:
        return next(block for block in self.blocks if block["id"] == name)


@dataclass(frozen=True)
class Output:
    """What is made of the features of the heads."""

    combine: str = "sum"
    l2_projection: float = 0.0
    bias: bool = True
    l2_bias: float = 0.0


def build_network(blocks: list[Block], heads: list[str], output: Output) -> Network:
    """Lay out the tables and the weights that the blocks need."""
    for block in blocks:
        _check_type(block)
    bases = {block["id"]: block for block in blocks if block["type"] == "embedding"}
    layers = {
        block["id"]: layer_of(block, bases[block["inputs"][0]])
        for block in blocks
        if block["id"] not in bases
    }
    tables = tuple(_table(base, blocks, layers) for base in bases.values())
    by_id = {table.id: table for table in tables}
    weights, averages, widths = [], [], {}
    for block in blocks:
        if block["type"] == "embedding":
            continue
        table, layer = by_id[block["inputs"][0]], layers[block["id"]]
        weights += layer.weights(block, table.fields, table.dimension)
        averages += layer.averages(block)
        widths[block["id"]] = layer.width(block, table.fields, table.dimension)
    if output.combine == "projection":
        width = sum(widths[head] for head in heads)
        weights.append(Weight(PROJECTION, (width,), "glorot", output.l2_projection))
    else:
        weights += _readouts(blocks, heads, widths, layers)
    if output.bias:
        weights.append(Weight(BIAS, (), "zeros", output.l2_bias))
    return Network(
        tuple(blocks),
        tuple(heads),
        output.combine,
        tables,
        tuple(weights),
        tuple(averages),
        layers,
    )


def forward(
    network: Network,
    rows: Mapping[str, tf.Tensor],
    index: tf.Tensor,
    values: tf.Tensor,
    run: Pass,
) -> tf.Tensor:
    """Logits (n,) from index and values (n, C) and the looked-up parts of the tables, by name.

    The parts, (n, C, width), come apart because slicing them here takes longer than all the rest.
    """
    embedded = {table.id: _embed(table, rows, index, values) for table in network.tables}
    features = [
        network.layers[block["id"]].features(block, embedded[block["inputs"][0]], run)
        for block in map(network.block, network.heads)
    ]
    bias = run.weights.get(BIAS, 0.0)
    if network.combine == "projection":
        return tf.linalg.matvec(tf.concat(features, axis=1), run.weights[PROJECTION]) + bias
    return tf.add_n(list(map(_read_out, network.heads, features, [run] * len(features)))) + bias


def initialise(network: Network, seed: int) -> dict[str, Array]:
    """The first weights. Each array has a stream of its own that only its place decides.

    So the same seed starts from the same weights, whatever else is set on the blocks.
    """
    arrays: dict[str, Array] = {}
    places = _places(network.blocks)
    for table in network.tables:
        if table.dimension:
            shape = (table.features, table.dimension)
            random = _stream(seed, places[table.id])
            arrays[table.factors] = _normal(random, shape, table.initial_stdev)
        for linear in table.linears:
            arrays[table.weights(linear)] = np.zeros(table.features, np.float32)
    named: list[Weight | Average] = [*network.weights, *network.averages]
    for weight in named:
        if weight.initial != "own":
            arrays[weight.name] = _first(weight, _stream(seed, _placed(weight.name, places)))
    for block, layer in network.layers.items():
        if isinstance(layer, CustomLayer):
            arrays |= layer.first(int(_stream(seed, places[block]).integers(1 << 31)))
    return arrays


def fuse(table: Table, arrays: Mapping[str, Array]) -> Array:
    """One row a feature: its factors and its first-order weights."""
    parts = [arrays[name].reshape(table.features, -1) for name in table.parts]
    return np.concatenate(parts, axis=1)


def unfuse(table: Table, rows: Array) -> dict[str, Array]:
    arrays = {}
    for name, columns in table.parts.items():
        part = np.ascontiguousarray(rows[:, columns])
        arrays[name] = part if name == table.factors else part[:, 0]
    return arrays


def _table(embedding: Block, blocks: list[Block], layers: Mapping[str, Layer]) -> Table:
    parameters = embedding["parameters"]
    above = [block for block in blocks if embedding["id"] in block["inputs"]]
    linears = [block for block in above if block["type"] == "linear"]
    deep = any(layers[block["id"]].needs_factors for block in above)
    dimension = parameters["dimension"] if deep else 0
    return Table(
        id=embedding["id"],
        features=parameters["feature_size"],
        slots=field_slots(parameters),
        dimension=dimension,
        initial_stdev=parameters["initial_stdev"],
        linears=tuple(block["id"] for block in linears),
        l2=(
            *(parameters["l2"] for _ in range(dimension)),
            *(block["parameters"]["l2"] for block in linears),
        ),
    )


def _places(blocks: Sequence[Block]) -> dict[str, str]:
    """What each block is called by its place: embedding 0, dnn 0, dnn 1, ..."""
    kinds = [block["type"] for block in blocks]
    return {
        block["id"]: f"{block['type']} {kinds[:number].count(block['type'])}"
        for number, block in enumerate(blocks)
    }


def _placed(name: str, places: Mapping[str, str]) -> str:
    for block, place in places.items():
        name = name.replace(block, place)
    return name


def _readouts(
    blocks: list[Block], heads: list[str], widths: Mapping[str, int], layers: Mapping[str, Layer]
) -> list[Weight]:
    return [
        Weight(
            f"readout_{block['id']}",
            (widths[block["id"]],),
            "glorot",
            block["parameters"].get("l2", 0.0),
        )
        for block in blocks
        if block["id"] in heads and layers[block["id"]].has_readout
    ]


def _read_out(head: str, features: tf.Tensor, run: Pass) -> tf.Tensor:
    kernel = run.weights.get(f"readout_{head}")
    if kernel is None:
        return tf.reduce_sum(features, axis=1)
    return tf.linalg.matvec(features, kernel)


def _embed(
    table: Table, rows: Mapping[str, tf.Tensor], index: tf.Tensor, values: tf.Tensor
) -> Embedded:
    factors = rows.get(table.factors)
    return Embedded(
        index=index,
        values=values,
        factors=None if factors is None else _pool(factors * values[:, :, None], table.slots),
        terms={
            linear: _pool(tf.squeeze(rows[table.weights(linear)], axis=2) * values, table.slots)
            for linear in table.linears
        },
    )


def _pool(cells: tf.Tensor, slots: tuple[int, ...]) -> tf.Tensor:
    """(n, C, ...) to (n, F, ...): the cells of a multi-valued field are summed."""
    if max(slots) == 1:
        return cells
    runs = [(slot, len(list(same))) for slot, same in groupby(slots)]
    parts = tf.split(cells, [slot * fields for slot, fields in runs], axis=1)
    pooled = []
    for part, (slot, fields) in zip(parts, runs, strict=True):
        apart = tf.reshape(part, (-1, fields, slot, *part.shape[2:]))
        pooled.append(part if slot == 1 else tf.reduce_sum(apart, axis=2))
    return tf.concat(pooled, axis=1)


def _first(weight: Weight | Average, random: np.random.Generator) -> Array:
    if weight.initial == "glorot":
        return _normal(random, weight.shape, (2 / (weight.shape[0] + _outputs(weight))) ** 0.5)
    return np.full(weight.shape, weight.initial == "ones", np.float32)


def _outputs(weight: Weight | Average) -> int:
    return weight.shape[1] if len(weight.shape) > 1 else 1


def _normal(random: np.random.Generator, shape: tuple[int, ...], stdev: float) -> Array:
    return random.standard_normal(shape, dtype=np.float32) * np.float32(stdev)


def _stream(seed: int, name: str) -> np.random.Generator:
    return np.random.default_rng([seed, int(digest_json(name)[:15], 16)])


def _check_type(block: Block) -> None:
    if block["type"] not in (*LAYERS, CUSTOM, "embedding"):
        raise ComponentError(
            say("This version cannot train or score a block of type '{type}'.", type=block["type"]),
            hint="The model was drawn with a newer version; use that one.",
            code="block.unknown",
        )
