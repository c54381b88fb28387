"""Let TensorFlow use as many threads as the step was given."""

from __future__ import annotations

import contextlib

import tensorflow as tf

from studio.component import context


def limit_threads() -> None:
    """Works before TensorFlow's first operation only, so that a second call changes nothing."""
    with contextlib.suppress(RuntimeError):
        tf.config.threading.set_intra_op_parallelism_threads(context.threads)
        tf.config.threading.set_inter_op_parallelism_threads(context.threads)
