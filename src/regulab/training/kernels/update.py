"""The optimizers' update rules as in Keras, fused: each weight is read and written once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numba.extending import overload

from regulab.training.kernels.codes import ADAM, MOMENTUM, NESTEROV, RMSPROP
from regulab.training.kernels.jit import Array, Float, compiled, types
from regulab.training.kernels.layout import UpdateRule
from regulab.training.kernels.simd import Number, sign, sqrt


def value_at(values: Array | Float, j: int) -> Float:
    """The value for weight `j`, from an array with one value per weight or from one float for all weights."""


@overload(value_at, strict=False)
def _value_at(values: Array | Float, j: int) -> Callable[[Array | Float, int], Float]:
    return (lambda values, j: values[j]) if isinstance(values, types.Array) else (lambda values, j: values)


@compiled
def add_penalty_gradient(
    w: Number,
    g: Number,
    l1: Number,
    l2: Number,
) -> Number:
    """The gradient of the loss with its L1 and L2 penalties, from the gradient without them."""
    return g + np.float32(2) * l2 * w + l1 * sign(w)


@compiled
def adam(
    w: Number,
    m: Number,
    v: Number,
    g: Number,
    step_size: Number,
    beta_1: Float,
    beta_2: Float,
    epsilon: Float,
) -> tuple[Number, Number, Number]:
    """One step of Adam: the weight and its first and second moment."""
    # Kingma and Ba (2015), in the form given at the end of section 2, as in Keras.
    m = m + (g - m) * (np.float32(1) - beta_1)
    v = v + (g * g - v) * (np.float32(1) - beta_2)
    return w - step_size * m / (sqrt(v) + epsilon), m, v


@compiled
def update(
    rule: UpdateRule,
    weights: Array,
    slot_1: Array,
    slot_2: Array,
    gradient: Array,
    l1: Array | Float,
    l2: Array | Float,
    decay: Array | Float,
    learning_rate: Array | Float,
    step_size: Array | Float,
) -> None:
    """Update weights in place.

    The last five arguments are arrays with one value per weight, or floats that hold for all weights.

    Args:
        rule: The update rule.
        weights: Shape `(n,)`.
        slot_1: Shape `(n,)`, or `(0,)` where the rule needs none.
        slot_2: Likewise.
        gradient: Gradient of the loss without penalty, shape `(n,)`.
        l1: L1 strength.
        l2: L2 strength.
        decay: Weight decay.
        learning_rate: Learning rate.
        step_size: What the update is multiplied by: the learning rate, in Adam with the bias corrections.
    """
    beta_1, beta_2, epsilon = np.float32(rule.beta_1), np.float32(rule.beta_2), np.float32(rule.epsilon)
    # One loop per rule, so that each is vectorized.
    if rule.kind == ADAM:
        for j in range(weights.size):
            w, g = weights[j], add_penalty_gradient(weights[j], gradient[j], value_at(l1, j), value_at(l2, j))
            w -= w * value_at(decay, j) * value_at(learning_rate, j)
            weights[j], slot_1[j], slot_2[j] = adam(
                w, slot_1[j], slot_2[j], g, value_at(step_size, j), beta_1, beta_2, epsilon
            )
    elif rule.kind == MOMENTUM or rule.kind == NESTEROV:
        for j in range(weights.size):
            w, g = weights[j], add_penalty_gradient(weights[j], gradient[j], value_at(l1, j), value_at(l2, j))
            step = g * value_at(step_size, j)
            m = slot_1[j] * beta_1 - step
            slot_1[j] = m
            decayed = w - w * value_at(decay, j) * value_at(learning_rate, j)
            weights[j] = decayed + (m * beta_1 - step if rule.kind == NESTEROV else m)
    elif rule.kind == RMSPROP:
        for j in range(weights.size):
            w, g = weights[j], add_penalty_gradient(weights[j], gradient[j], value_at(l1, j), value_at(l2, j))
            v = beta_1 * slot_1[j] + (np.float32(1) - beta_1) * g * g
            slot_1[j] = v
            decayed = w - w * value_at(decay, j) * value_at(learning_rate, j)
            weights[j] = decayed - value_at(step_size, j) * g / sqrt(v + epsilon)
    else:
        for j in range(weights.size):
            w, g = weights[j], add_penalty_gradient(weights[j], gradient[j], value_at(l1, j), value_at(l2, j))
            weights[j] = w - w * value_at(decay, j) * value_at(learning_rate, j) - value_at(step_size, j) * g
