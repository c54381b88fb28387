"""The inner loop: many batches in one call, dense weights in the loop, tables updated in place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from ._batches import Chunk
from ._layer import Average, Pass
from ._network import Network, Table, forward, fuse, unfuse
from ._optimizers import Optimizer, make_optimizer

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]

# XLA fuses the work on (rows, fields, factors), which saves some 1 ns a number, and takes about 1 s
# longer to compile: it is worth its time from about here on.
_WORTH_COMPILING = 1_000_000_000


@dataclass(frozen=True)
class Rule:
    """How a step changes the weights."""

    optimizer: str = "adam"
    momentum: float = 0.9
    l1: float = 0.0
    loss: str = "logloss"
    focal_gamma: float = 2.0
    seed: int = 0
    batch_size: int = 1024
    start: int = 0  # steps that the model had before this training


@dataclass(frozen=True)
class Gradients:
    """The loss of a batch and where it leads."""

    loss: tf.Tensor
    rows: Mapping[str, tf.Tensor]  # by array, (b, F, width)
    weights: Mapping[str, tf.Tensor]
    statistics: Mapping[str, tf.Tensor]


def differentiate(
    network: Network,
    rule: Rule,
    weights: Mapping[str, tf.Tensor],
    rows: Mapping[str, tf.Tensor],
    batch: Sequence[tf.Tensor],
    step: tf.Tensor,
    averages: Mapping[str, tf.Tensor] = MappingProxyType({}),
) -> Gradients:
    """Loss of a batch (index, value, label, importance), and gradients with the dense penalty."""
    index, value, label, importance = batch
    run = Pass({**weights, **averages}, training=True, seed=rule.seed, step=step + rule.start)
    with tf.GradientTape() as tape:
        tape.watch((rows, weights))
        logit = forward(network, rows, index, value, run)
        loss = tf.reduce_mean(importance * pointwise(rule, logit, label))
        objective = loss + _penalty(network, weights) + sum(run.penalties)
    unused = tf.UnconnectedGradients.ZERO  # a layer of a package may leave a weight alone
    by_row, by_weight = tape.gradient(objective, (rows, weights), unconnected_gradients=unused)
    dense = {name: tf.convert_to_tensor(gradient) for name, gradient in by_weight.items()}
    return Gradients(loss, by_row, dense, run.statistics)


class Trainer:
    """The weights of a network while they are trained."""

    def __init__(self, network: Network, arrays: Mapping[str, Array], rule: Rule) -> None:
        self._network, self._rule = network, rule
        self._dense = make_optimizer(rule.optimizer, rule.momentum)
        self._trained = [table for table in network.tables if table.columns]
        self._sparse = {table.id: _row_optimizer(table, rule) for table in self._trained}
        self._tables = {
            table.id: tf.Variable(_packed(fuse(table, arrays), self._sparse[table.id]))
            for table in self._trained
        }
        self._state = _first_state(network, arrays, self._dense)
        self._step = tf.constant(0)
        self._loops: dict[tuple[int, int, bool], Any] = {}

    @property
    def steps(self) -> int:
        """Steps that the model has had, those before this training included."""
        return self._rule.start + int(self._step)

    @property
    def features(self) -> int:
        return max(table.features for table in self._network.tables)

    def run(self, chunk: Chunk, rates: tuple[float, float], work: int) -> Array:
        """Train on a chunk; the loss of every batch. `rates`: of dense weights, of rows."""
        batches, size, fields = chunk.value.shape
        is_worth_it = batches > 1 and work * self._columns > _WORTH_COMPILING
        compiled = is_worth_it and not self._network.is_custom  # XLA knows no text, for example
        key = (size, fields, compiled)
        if key not in self._loops:
            self._loops[key] = self._loop(size, fields, compiled)
        self._state, self._step, losses = self._loops[key](
            self._state, self._step, tuple(chunk), *rates
        )
        return np.asarray(losses)

    def arrays(self) -> dict[str, Array]:
        """A copy of all weights as they stand."""
        arrays = {
            name: value.numpy()
            for group in ("weights", "averages")
            for name, value in self._state[group].items()
        }
        for table in self._trained:
            arrays |= unfuse(table, self._tables[table.id][:, : table.columns].numpy())
        return arrays

    def state(self) -> dict[str, Array]:
        """All that the rest of the training depends on, the optimizers' memory included."""
        leaves = tf.nest.flatten(self._state)
        flat = {f"dense {number}": leaf.numpy() for number, leaf in enumerate(leaves)}
        tables = {f"table {name}": table.numpy() for name, table in self._tables.items()}
        return {**flat, **tables, "step": self._step.numpy()}

    def restore(self, state: Mapping[str, Array]) -> None:
        """Go on from what `state` gave for the same network and rule."""
        dense = [tf.constant(state[f"dense {n}"]) for n in range(len(tf.nest.flatten(self._state)))]
        self._state = tf.nest.pack_sequence_as(self._state, dense)
        for name, table in self._tables.items():
            table.assign(state[f"table {name}"])
        self._step = tf.constant(state["step"])

    @property
    def _columns(self) -> int:
        return sum(table.columns for table in self._trained)

    def _loop(self, size: int, fields: int, compiled: bool) -> Any:
        """Make the function that trains on chunks of batches of this size."""
        dense_step = tf.function(self._dense_step, jit_compile=compiled, autograph=False)

        def loop(state: Any, step: tf.Tensor, chunk: Any, rate: Any, row_rate: Any) -> Any:
            data = Chunk(*chunk)

            def body(number: tf.Tensor, state: Any, step: tf.Tensor, losses: Any) -> Any:
                step += 1
                unique = data.unique[data.offsets[number] : data.offsets[number + 1]]
                inverse = data.inverse[number]
                index = tf.reshape(tf.gather(unique, inverse), (size, fields))
                batch = [index, *(p[number] for p in (data.value, data.label, data.importance))]
                packed = {name: tf.gather(at, unique) for name, at in self._tables.items()}
                rows = self._look_up(packed, inverse, size, fields)
                loss, gradients, state = dense_step(state, rows, batch, rate, step)
                for table in self._trained:
                    by_row = sum_by_row([gradients[name] for name in table.parts], inverse, unique)
                    self._update_rows(table, packed[table.id], by_row, unique, row_rate, step)
                return number + 1, state, step, losses.write(number, loss)

            batches = tf.shape(data.value)[0]
            losses = tf.TensorArray(data.value.dtype, size=batches)
            _, state, step, losses = tf.while_loop(
                lambda number, *_: number < batches,
                body,
                (tf.constant(0), state, step, losses),
                parallel_iterations=1,  # a batch reads the rows that the one before has written
            )
            return state, step, losses.stack()

        real = tf.nest.flatten([list(self._tables.values()), self._state])[0].dtype
        signature = _signature(self._state, real, size, fields)
        return tf.function(loop, input_signature=signature, autograph=False)

    def _look_up(
        self, packed: Mapping[str, tf.Tensor], inverse: tf.Tensor, size: int, fields: int
    ) -> dict[str, tf.Tensor]:
        return {
            name: tf.reshape(tf.gather(packed[table.id][:, columns], inverse), (size, fields, -1))
            for table in self._trained
            for name, columns in table.parts.items()
        }

    def _dense_step(
        self, state: Any, rows: Any, batch: Sequence[tf.Tensor], rate: Any, step: tf.Tensor
    ) -> Any:
        """Gradients of a batch, and the dense weights, slots and averages after it."""
        known = state["weights"], rows, batch, step, state["averages"]
        found = differentiate(self._network, self._rule, *known)
        weights, slots = {}, {}
        for name, weight in state["weights"].items():
            weights[name], slots[name] = self._dense.update(
                weight, found.weights[name], state["slots"][name], rate, step
            )
        share = batch[1].shape[0] / self._rule.batch_size
        averages = {
            average.name: self._follow(average, state, found, step, share)
            for average in self._network.averages
        }
        return found.loss, found.rows, {"weights": weights, "slots": slots, "averages": averages}

    def _follow(
        self, average: Average, state: Any, found: Gradients, step: tf.Tensor, share: float
    ) -> tf.Tensor:
        now = found.statistics[average.name]
        if average.decay is None:
            return now
        before = state["averages"][average.name]
        kept = _kept(average.decay, step + self._rule.start, before.dtype, share)
        return kept * before + (1 - kept) * now

    def _update_rows(
        self,
        table: Table,
        packed: tf.Tensor,
        gradient: tf.Tensor,
        unique: tf.Tensor,
        rate: Any,
        step: tf.Tensor,
    ) -> None:
        weights, *slots = tf.split(packed, packed.shape[1] // table.columns, axis=1)
        gradient += tf.constant(table.l2, weights.dtype) * weights
        optimizer = self._sparse[table.id]
        weights, slots = optimizer.update(weights, gradient, slots, rate, step)
        update = tf.IndexedSlices(tf.concat([weights, *slots], axis=1), unique)
        self._tables[table.id].scatter_update(update)


def sum_by_row(parts: Sequence[tf.Tensor], inverse: tf.Tensor, unique: tf.Tensor) -> tf.Tensor:
    """Sum of the cells (b, F, width) of each distinct feature, all widths side by side.

    As the product with a sparse matrix of ones: 5 to 7 times as fast as `unsorted_segment_sum`.
    """
    count = tf.shape(inverse)[0]
    cells = tf.cast(tf.stack([tf.range(count), inverse], axis=1), tf.int64)
    shape = tf.cast(tf.stack([count, tf.shape(unique)[0]]), tf.int64)
    ones = tf.ones([count], parts[0].dtype)
    sums = [
        tf.raw_ops.SparseTensorDenseMatMul(
            a_indices=cells,
            a_values=ones,
            a_shape=shape,
            b=tf.reshape(part, (-1, part.shape[-1])),
            adjoint_a=True,
        )
        for part in parts
    ]
    return tf.concat(sums, axis=1)


def pointwise(rule: Rule, logit: tf.Tensor, label: tf.Tensor) -> tf.Tensor:
    """The loss of every row."""
    match rule.loss:
        case "mse":
            return tf.square(tf.sigmoid(logit) - label)
        case "squared":  # of the output itself, for labels that are any number
            return tf.square(logit - label)
    losses = tf.nn.sigmoid_cross_entropy_with_logits(label, logit)
    if rule.loss == "focal":  # the probability of the wrong class, as a power: by its logarithm
        against = tf.math.log_sigmoid(logit * (1 - 2 * label))
        losses *= tf.exp(rule.focal_gamma * against)
    return losses


def _penalty(network: Network, weights: Mapping[str, tf.Tensor]) -> Any:
    """Half the weighted sum of squares of the dense weights."""
    return sum(
        weight.l2 * tf.nn.l2_loss(weights[weight.name]) for weight in network.weights if weight.l2
    )


def _kept(decay: float, step: tf.Tensor, dtype: Any, share: float) -> tf.Tensor:
    """How much of a moving average stays: a plain mean at first, so that few steps suffice.

    A batch that is smaller than the others moves it less, by its share of their rows.
    """
    kept = tf.minimum(tf.constant(decay, dtype), 1 - 1 / tf.cast(step, dtype))
    return 1 - share * (1 - kept)


def _row_optimizer(table: Table, rule: Rule) -> Optimizer:
    """L1 is for first-order weights only: it would hold the small factors at zero for ever."""
    l1 = (0.0,) * table.dimension + (rule.l1,) * len(table.linears)
    return make_optimizer(rule.optimizer, rule.momentum, l1)


def _packed(rows: Array, optimizer: Optimizer) -> Array:
    """Weights and slots of a feature in one row: one look-up and one write-back a step."""
    return np.concatenate([rows, *optimizer.initial(rows)], axis=1)


def _first_state(
    network: Network, arrays: Mapping[str, Array], optimizer: Optimizer
) -> dict[str, Any]:
    dense = {weight.name: arrays[weight.name] for weight in network.weights}
    slots = {name: optimizer.initial(array) for name, array in dense.items()}
    averages = {average.name: arrays[average.name] for average in network.averages}
    state = {"weights": dense, "slots": slots, "averages": averages}
    converted: dict[str, Any] = tf.nest.map_structure(tf.constant, state)
    return converted


def _signature(state: Any, real: Any, size: int, fields: int) -> list[Any]:
    chunk = (
        tf.TensorSpec((None, size, fields), real),
        tf.TensorSpec((None, size), real),
        tf.TensorSpec((None, size), real),
        tf.TensorSpec((None, size * fields), tf.int32),
        tf.TensorSpec((None,), tf.int32),
        tf.TensorSpec((None,), tf.int32),
    )
    specs = tf.nest.map_structure(lambda value: tf.TensorSpec(value.shape, value.dtype), state)
    rate = tf.TensorSpec((), real)
    return [specs, tf.TensorSpec((), tf.int32), chunk, rate, rate]
