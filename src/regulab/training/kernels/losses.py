"""Losses and their gradients, from the output layer's preactivations.

For cross-entropies the preactivations are the logits. Label smoothing is Keras's: a binary target `t` becomes
`t (1 - s) + s / 2`, a one-hot target `t (1 - s) + s / classes`.
"""

from __future__ import annotations

import numpy as np

from regulab.training.kernels.activations import log_sum_exp
from regulab.training.kernels.codes import (
    BINARY_CROSSENTROPY,
    CATEGORICAL_CROSSENTROPY,
    SPARSE_CATEGORICAL_CROSSENTROPY,
    SQUARED_LOSS,
)
from regulab.training.kernels.exponential import exp, sigmoid, softplus
from regulab.training.kernels.jit import Array, Float, compiled


@compiled
def example_losses(
    loss: int,
    smoothing: Float,
    z: Array,
    labels: Array,
    rows: Array,
    start: int,
    out: Array,
) -> None:
    """Loss of each example in a slice of a batch.

    Args:
        loss: Code of the loss.
        smoothing: Label smoothing, float32.
        z: The output layer's preactivations, shape `(examples, outputs)`.
        labels: Labels of the split.
        rows: Rows of the batch.
        start: The slice's first example, as an index into the batch.
        out: Written to, shape `(examples,)`.
    """
    count, outputs = z.shape
    softplus_z = np.empty(z.size if loss == BINARY_CROSSENTROPY else 0, np.float32)
    flat = z.reshape(-1)
    for i in range(softplus_z.size):
        softplus_z[i] = softplus(flat[i])
    for r in range(count):
        row, value = rows[start + r], np.float32(0)
        if loss == BINARY_CROSSENTROPY:
            for j in range(outputs):
                target = labels[row, j] * (np.float32(1) - smoothing) + np.float32(0.5) * smoothing
                # TensorFlow's form, in which large logits do not overflow.
                value += softplus_z[r * outputs + j] - z[r, j] * target
            value /= np.float32(outputs)
        elif loss == SPARSE_CATEGORICAL_CROSSENTROPY:
            value = log_sum_exp(z, r) - z[r, np.int64(labels[row, 0])]
        elif loss == CATEGORICAL_CROSSENTROPY:
            normalizer = log_sum_exp(z, r)
            for j in range(outputs):
                target = labels[row, j] * (np.float32(1) - smoothing) + smoothing / np.float32(outputs)
                value -= target * (z[r, j] - normalizer)
        else:
            for j in range(outputs):
                error = z[r, j] - labels[row, j]
                value += error * error if loss == SQUARED_LOSS else abs(error)
            value /= np.float32(outputs)
        out[r] = value


@compiled
def loss_gradient(
    loss: int,
    smoothing: Float,
    z: Array,
    labels: Array,
    rows: Array,
    start: int,
    weights: Array,
    batch_size: int,
) -> None:
    """Replace the output layer's preactivations by the gradient of the batch's mean loss with respect to them.

    Args:
        loss: Code of the loss.
        smoothing: Label smoothing, float32.
        z: The output layer's preactivations, shape `(examples, outputs)`, overwritten.
        labels: Labels of the split.
        rows: Rows of the batch.
        start: The slice's first example, as an index into the batch.
        weights: Weight of each example of the split in the loss.
        batch_size: Examples in the whole batch.
    """
    count, outputs = z.shape
    one = np.float32(1)
    if loss == BINARY_CROSSENTROPY:
        flat = z.reshape(-1)
        for i in range(flat.size):
            flat[i] = sigmoid(flat[i])
    for r in range(count):
        row = rows[start + r]
        scale = weights[row] / np.float32(batch_size)
        if loss == BINARY_CROSSENTROPY:
            for j in range(outputs):
                target = labels[row, j] * (one - smoothing) + np.float32(0.5) * smoothing
                z[r, j] = (z[r, j] - target) * scale / np.float32(outputs)
        elif loss in (SPARSE_CATEGORICAL_CROSSENTROPY, CATEGORICAL_CROSSENTROPY):
            normalizer, target_sum = log_sum_exp(z, r), one
            if loss == CATEGORICAL_CROSSENTROPY:
                # One-hot targets sum to one, but other labels are allowed.
                target_sum = smoothing
                for j in range(outputs):
                    target_sum += labels[row, j] * (one - smoothing)
            for j in range(outputs):
                if loss == CATEGORICAL_CROSSENTROPY:
                    target = labels[row, j] * (one - smoothing) + smoothing / np.float32(outputs)
                else:
                    target = one if j == np.int64(labels[row, 0]) else np.float32(0)
                z[r, j] = (exp(z[r, j] - normalizer) * target_sum - target) * scale
        else:
            for j in range(outputs):
                error = z[r, j] - labels[row, j]
                derivative = np.float32(2) * error if loss == SQUARED_LOSS else np.sign(error)
                z[r, j] = derivative * scale / np.float32(outputs)
