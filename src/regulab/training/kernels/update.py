"""The optimizers' update rules as in Keras, but fused: each weight is read and written once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numba.extending import overload

from regulab.training.kernels.jit import compiled, types
from regulab.training.kernels.layout import ADAM, MOMENTUM, NESTEROV, RMSPROP, Array, Float, Rule
from regulab.training.kernels.simd import Number, sign, sqrt


def each(values: Array | Float, j: int) -> Float:
    """The value that goes with the weight at place `j`."""


@overload(each, strict=False)
def _each(values: Array | Float, j: int) -> Callable[[Array | Float, int], Float]:
    return (lambda values, j: values[j]) if isinstance(values, types.Array) else (lambda values, j: values)


@compiled
def penalized(
    w: Number,
    g: Number,
    l1: Number,
    l2: Number,
) -> Number:
    """The gradient with the penalty's."""
    return g + np.float32(2) * l2 * w + l1 * sign(w)


@compiled
def adam(
    w: Number,
    m: Number,
    v: Number,
    g: Number,
    step: Number,
    a: Float,
    b: Float,
    epsilon: Float,
) -> tuple[Number, Number, Number]:
    """The weight and its two moments after a step of Adam."""
    # Kingma and Ba (2015), the form at the end of section 2, as in Keras.
    m = m + (g - m) * (np.float32(1) - a)
    v = v + (g * g - v) * (np.float32(1) - b)
    return w - step * m / (sqrt(v) + epsilon), m, v


@compiled
def update(
    rule: Rule,
    weights: Array,
    memory_1: Array,
    memory_2: Array,
    gradient: Array,
    l1: Array | Float,
    l2: Array | Float,
    decay: Array | Float,
    rates: Array | Float,
    steps: Array | Float,
) -> None:
    """Update a stretch of weights in place.

    What goes with the weights is an array with a value for each, or one float for all of them.

    Args:
        rule: The rule.
        weights: Shape `(n,)`.
        memory_1: Shape `(n,)`, or `(0,)` where the rule needs none.
        memory_2: Likewise.
        gradient: Gradient of the loss without the penalty, shape `(n,)`.
        l1: L1 strength of each weight.
        l2: L2 strength of each weight.
        decay: Weight decay of each weight.
        rates: Learning rate of each weight.
        steps: What the update is multiplied with: the rate, for Adam with its bias corrections.
    """
    a, b, epsilon = np.float32(rule.a), np.float32(rule.b), np.float32(rule.epsilon)
    # A loop for each rule, so that each is vectorized.
    if rule.kind == ADAM:
        for j in range(weights.size):
            w, g = weights[j], penalized(weights[j], gradient[j], each(l1, j), each(l2, j))
            w -= w * each(decay, j) * each(rates, j)
            weights[j], memory_1[j], memory_2[j] = adam(w, memory_1[j], memory_2[j], g, each(steps, j), a, b, epsilon)
    elif rule.kind == MOMENTUM or rule.kind == NESTEROV:
        for j in range(weights.size):
            w, g = weights[j], penalized(weights[j], gradient[j], each(l1, j), each(l2, j))
            step = g * each(steps, j)
            m = memory_1[j] * a - step
            memory_1[j] = m
            weights[j] = w - w * each(decay, j) * each(rates, j) + (m * a - step if rule.kind == NESTEROV else m)
    elif rule.kind == RMSPROP:
        for j in range(weights.size):
            w, g = weights[j], penalized(weights[j], gradient[j], each(l1, j), each(l2, j))
            v = a * memory_1[j] + (np.float32(1) - a) * g * g
            memory_1[j] = v
            weights[j] = w - w * each(decay, j) * each(rates, j) - each(steps, j) * g / sqrt(v + epsilon)
    else:
        for j in range(weights.size):
            w, g = weights[j], penalized(weights[j], gradient[j], each(l1, j), each(l2, j))
            weights[j] = w - w * each(decay, j) * each(rates, j) - each(steps, j) * g
