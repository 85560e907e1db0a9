"""Metrics, from the output layer's preactivations, and the running sums of losses and metrics."""

from __future__ import annotations

import numpy as np

from regulab.training.kernels.activations import prediction
from regulab.training.kernels.codes import (
    ACTIVATION,
    BINARY_ACCURACY,
    CATEGORICAL_ACCURACY,
    DATA_LOSS,
    FIRST_LAYER,
    LOSS,
    SIGMOID,
    SPARSE_CATEGORICAL_ACCURACY,
    SQUARED_ERROR,
)
from regulab.training.kernels.jit import Array, Float, compiled
from regulab.training.kernels.layout import Examples, Layout
from regulab.training.kernels.losses import example_losses


@compiled
def add_losses_and_metrics(
    model: int,
    layout: Layout,
    z: Array,
    examples: Examples,
    rows: Array,
    start: int,
    weights: Array,
    data_losses: Array,
    fit_losses: Array,
    sums: Array,
    metric_weights: Array,
) -> None:
    """Compute the losses of a slice of a batch, and add them and the metrics to a model's running sums.

    Args:
        model: Index of the model.
        layout: The models.
        z: The output layer's preactivations, shape `(examples, outputs)`.
        examples: The split.
        rows: Rows of the batch.
        start: The slice's first example, as an index into the batch.
        weights: What the training loss and the weighted metrics weigh the split's examples with.
        data_losses: Written to: loss of each example without label smoothing, not weighted, shape `(examples,)`.
        fit_losses: Buffer of the same shape, for the losses with label smoothing.
        sums: Added to, see `Workspace`; one thread's, shape `(models, 2 + metrics)`.
        metric_weights: Added to, see `Workspace`; one thread's, shape `(models, metrics)`.
    """
    loss, smoothing = layout.models[model, LOSS], layout.label_smoothings[model]
    example_losses(loss, np.float32(0), z, examples.labels, rows, start, data_losses)
    if smoothing:
        example_losses(loss, smoothing, z, examples.labels, rows, start, fit_losses)
    else:
        fit_losses = data_losses
    activation = layout.layers[layout.models[model + 1, FIRST_LAYER] - 1, ACTIVATION]
    fit_sum, data_sum = 0.0, 0.0
    for r in range(z.shape[0]):
        fit_sum += fit_losses[r] * weights[rows[start + r]]
        data_sum += data_losses[r] * examples.sample_weights[rows[start + r]]
    sums[model, 0] += fit_sum
    sums[model, 1] += data_sum
    for k in range(layout.metrics.shape[1]):
        metric, weighted = layout.metrics[model, k, 0], layout.metrics[model, k, 1] != 0
        if metric >= 0:
            total, weight = _metric_sum(
                metric, activation, data_losses, z, examples.labels, rows, start, weights, weighted
            )
            sums[model, 2 + k] += total
            metric_weights[model, k] += weight


@compiled
def _metric_sum(
    metric: int,
    activation: int,
    data_losses: Array,
    z: Array,
    labels: Array,
    rows: Array,
    start: int,
    weights: Array,
    weighted: bool,
) -> tuple[Float, Float]:
    """Sum of a metric over the examples of a slice, and of their weights."""
    total, weight_sum, outputs = np.float64(0), np.float64(0), z.shape[1]
    # Indices into whole arrays, no slices and no function call per row: either takes longer than all the rest.
    for r in range(z.shape[0]):
        row, value = rows[start + r], np.float32(0)
        if metric == DATA_LOSS:
            value = data_losses[r]
        elif metric == SPARSE_CATEGORICAL_ACCURACY:
            value = np.float32(_argmax(z, r) == np.int64(labels[row, 0]))
        elif metric == CATEGORICAL_ACCURACY:
            value = np.float32(_argmax(z, r) == _argmax(labels, row))
        elif metric == BINARY_ACCURACY:
            # sigmoid(z) > 0.5 where z > 0.
            threshold = np.float32(0) if activation == SIGMOID else np.float32(0.5)
            for j in range(outputs):
                value += np.float32((np.float32(1) if z[r, j] > threshold else np.float32(0)) == labels[row, j])
            value /= np.float32(outputs)
        else:
            for j in range(outputs):
                error = prediction(activation, z, r, j) - labels[row, j]
                value += error * error if metric == SQUARED_ERROR else abs(error)
            value /= np.float32(outputs)
        weight = weights[row] if weighted else np.float32(1)
        total += value * weight
        weight_sum += weight
    return total, weight_sum


@compiled
def _argmax(
    values: Array,
    r: int,
) -> int:
    """Index of a row's largest value; of equal ones, the first."""
    largest = 0
    for j in range(1, values.shape[1]):
        if values[r, j] > values[r, largest]:
            largest = j
    return largest
