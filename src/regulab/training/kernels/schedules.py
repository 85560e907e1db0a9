"""Learning rates of the coming steps: constants, or schedules that Keras evaluates."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np

#: Gives the learning rate of each step, float32, shape `(steps,)`.
RateFunction = Callable[[np.ndarray], np.ndarray]


class Schedules:
    """The learning rates of several models; equal schedules are traced once and evaluated once for all of them."""

    def __init__(self) -> None:
        self._functions: dict[Hashable, RateFunction] = {}

    def __call__(self, rates: Sequence[Any], steps: np.ndarray) -> np.ndarray:
        """The learning rate of each model at each step, float32, shape `(steps, models)`.

        Example:
            >>> Schedules()([0.5, 0.25], np.arange(2)).tolist()
            [[0.5, 0.25], [0.5, 0.25]]
        """
        keys = [_key(rate) for rate in rates]
        columns: dict[Hashable, np.ndarray] = {}
        for key, rate in zip(keys, rates, strict=True):
            if key not in self._functions:
                self._functions[key] = _rate_function(rate)
            if key not in columns:
                columns[key] = self._functions[key](steps)
        return np.stack([columns[key] for key in keys], axis=1)


def _key(rate: Any) -> Hashable:
    """Equal for schedules that give the same rates."""
    if _is_keras_schedule(rate):
        return type(rate), str(rate.get_config())
    return id(rate) if callable(rate) else rate


def _rate_function(rate: Any) -> RateFunction:
    if not callable(rate):
        return lambda steps: np.full(len(steps), rate, np.float32)
    if not _is_keras_schedule(rate):
        # A user's own schedule may be plain Python that cannot be traced.
        return lambda steps: np.array([float(rate(step)) for step in steps], np.float32)
    import tensorflow as tf

    def rate_at(step: Any) -> Any:
        return tf.cast(rate(step), tf.float32)

    # Outside a graph each call takes milliseconds, and every batch needs one.
    traced = tf.function(lambda steps: tf.map_fn(rate_at, steps, fn_output_signature=tf.float32))
    return lambda steps: np.array(traced(tf.constant(steps, tf.int32)))


def _is_keras_schedule(rate: Any) -> bool:
    return callable(rate) and type(rate).__module__.startswith("keras.")
