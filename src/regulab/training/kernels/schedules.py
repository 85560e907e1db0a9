"""Learning rates, batch by batch: numbers, or schedules that Keras evaluates."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np

Column = Callable[[np.ndarray], np.ndarray]


class Schedules:
    """The learning rates of models; equal schedules are evaluated once for all of them."""

    def __init__(self) -> None:
        self._columns: dict[Hashable, Column] = {}

    def __call__(self, rates: Sequence[Any], steps: np.ndarray) -> np.ndarray:
        """The rate of each model at each step, float32, shape `(steps, models)`.

        Example:
            >>> Schedules()([0.5, 0.25], np.arange(2)).tolist()
            [[0.5, 0.25], [0.5, 0.25]]
        """
        keys = [_key(rate) for rate in rates]
        found: dict[Hashable, np.ndarray] = {}
        for key, rate in zip(keys, rates, strict=True):
            if key not in self._columns:
                self._columns[key] = _column(rate)
            if key not in found:
                found[key] = self._columns[key](steps)
        return np.stack([found[key] for key in keys], axis=1)


def _key(rate: Any) -> Hashable:
    if _is_kerass_own(rate):
        return type(rate), str(rate.get_config())
    return id(rate) if callable(rate) else rate


def _column(rate: Any) -> Column:
    if not callable(rate):
        return lambda steps: np.full(len(steps), rate, np.float32)
    if not _is_kerass_own(rate):
        # A user's code may not bear to be traced.
        return lambda steps: np.array([float(rate(step)) for step in steps], np.float32)
    import tensorflow as tf

    def at(step: Any) -> Any:
        return tf.cast(rate(step), tf.float32)

    # Each call outside of a graph takes milliseconds, and there is one for each batch.
    traced = tf.function(lambda steps: tf.map_fn(at, steps, fn_output_signature=tf.float32))
    return lambda steps: np.array(traced(tf.constant(steps, tf.int32)))


def _is_kerass_own(rate: Any) -> bool:
    return callable(rate) and type(rate).__module__.startswith("keras.")
