"""Activations and their derivatives, for hidden layers and for the output layer."""

from __future__ import annotations

import numpy as np

from regulab.training.kernels.codes import RELU, SIGMOID, SOFTMAX, TANH
from regulab.training.kernels.exponential import exp, sigmoid, tanh
from regulab.training.kernels.jit import Array, Float, compiled


@compiled
def activate(
    activation: int,
    out: Array,
    gradients: Array,
    with_gradients: bool,
) -> None:
    """Replace a hidden layer's preactivations by its outputs.

    Args:
        activation: Code of the activation.
        out: The preactivations, shape `(rows, units)`, overwritten.
        gradients: Written to if `with_gradients`: derivatives of the outputs with respect to the preactivations.
        with_gradients: Whether a backward pass follows.
    """
    zero, one = np.float32(0), np.float32(1)
    # Flattened into one long row, so that layers of few units are vectorized as well.
    y, dy_dz = out.reshape(-1), gradients.reshape(-1)
    if activation == RELU:
        if with_gradients:
            for i in range(y.size):
                dy_dz[i] = one if y[i] > zero else zero
        for i in range(y.size):
            y[i] = max(y[i], zero)
        return
    if activation == TANH:
        for i in range(y.size):
            y[i] = tanh(y[i])
    elif activation == SIGMOID:
        for i in range(y.size):
            y[i] = sigmoid(y[i])
    if with_gradients:
        for i in range(y.size):
            dy_dz[i] = (
                one - y[i] * y[i] if activation == TANH else y[i] * (one - y[i]) if activation == SIGMOID else one
            )


@compiled
def log_sum_exp(
    z: Array,
    r: int,
) -> Float:
    """log(Σ exp(z)) of one row, shifted by its maximum so that it does not overflow."""
    largest = z[r, 0]
    for j in range(z.shape[1]):
        largest = max(largest, z[r, j])
    total = np.float32(0)
    for j in range(z.shape[1]):
        total += exp(z[r, j] - largest)
    return largest + np.log(total)


@compiled
def prediction(
    activation: int,
    z: Array,
    r: int,
    j: int,
) -> Float:
    """One output of the model, from the output layer's preactivations `z`."""
    if activation == SIGMOID:
        return sigmoid(z[r, j])
    if activation == SOFTMAX:
        return exp(z[r, j] - log_sum_exp(z, r))
    return z[r, j]
