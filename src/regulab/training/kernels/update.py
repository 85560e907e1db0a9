"""The optimizers' update rules, one pass over the weights: as in Keras, but fused."""

from __future__ import annotations

import math

import numpy as np

from regulab.training.kernels.compiled import compiled
from regulab.training.kernels.layout import ADAM, MOMENTUM, NESTEROV, RMSPROP, Array, Float, Rule


@compiled
def _sign(
    w: Float,
) -> Float:
    # np.sign asks about NaN first, and the loop would not be vectorized.
    return np.float32(w > np.float32(0)) - np.float32(w < np.float32(0))


@compiled
def update(
    rule: Rule,
    weights: Array,
    memory_1: Array,
    memory_2: Array,
    gradient: Array,
    l1: Array,
    l2: Array,
    decay: Array,
    rates: Array,
    steps: Array,
) -> None:
    """Update a stretch of weights in place.

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
    two = np.float32(2)
    one = np.float32(1)
    a, b, epsilon = np.float32(rule.a), np.float32(rule.b), np.float32(rule.epsilon)
    if rule.kind == ADAM:
        # Kingma and Ba (2015), the form at the end of section 2, as in Keras.
        for j in range(weights.size):
            w = weights[j]
            g = gradient[j] + two * l2[j] * w + l1[j] * _sign(w)
            w -= w * decay[j] * rates[j]
            m = memory_1[j] + (g - memory_1[j]) * (one - a)
            v = memory_2[j] + (g * g - memory_2[j]) * (one - b)
            memory_1[j], memory_2[j] = m, v
            weights[j] = w - steps[j] * m / (math.sqrt(v) + epsilon)
    elif rule.kind == MOMENTUM or rule.kind == NESTEROV:
        for j in range(weights.size):
            w = weights[j]
            g = gradient[j] + two * l2[j] * w + l1[j] * _sign(w)
            w -= w * decay[j] * rates[j]
            m = memory_1[j] * a - g * steps[j]
            memory_1[j] = m
            weights[j] = w + (m * a - g * steps[j] if rule.kind == NESTEROV else m)
    elif rule.kind == RMSPROP:
        for j in range(weights.size):
            w = weights[j]
            g = gradient[j] + two * l2[j] * w + l1[j] * _sign(w)
            w -= w * decay[j] * rates[j]
            v = a * memory_1[j] + (one - a) * g * g
            memory_1[j] = v
            weights[j] = w - steps[j] * g / math.sqrt(v + epsilon)
    else:
        for j in range(weights.size):
            w = weights[j]
            g = gradient[j] + two * l2[j] * w + l1[j] * _sign(w)
            weights[j] = w - w * decay[j] * rates[j] - steps[j] * g


@compiled
def penalty(
    weights: Array,
    l1: Float,
    l2: Float,
) -> Float:
    """`Σ l1·|w| + l2·w²` of a stretch of weights with one strength."""
    total = np.float32(0)
    for j in range(weights.size):
        w = weights[j]
        total += l1 * abs(w) + l2 * w * w
    return total
