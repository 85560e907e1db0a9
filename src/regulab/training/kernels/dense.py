"""The layers above the first, for one model and a stretch of a batch: forward, loss, and the way back."""

from __future__ import annotations

import numpy as np

from regulab.training.kernels.exponential import exp, sigmoid, softplus, tanh
from regulab.training.kernels.jit import compiled
from regulab.training.kernels.layout import (
    ACTIVATION,
    BIAS,
    BINARY,
    BINARY_HIT,
    CATEGORICAL,
    CATEGORICAL_HIT,
    DATA_LOSS,
    FIRST_COLUMN,
    FIRST_LAYER,
    INPUTS,
    KERNEL,
    NOISE,
    PLACE,
    RELU,
    SIGMOID,
    SOFTMAX,
    SPARSE_CATEGORICAL,
    SPARSE_CATEGORICAL_HIT,
    SQUARED,
    SQUARED_ERROR,
    TANH,
    UNITS,
    Array,
    Float,
    Layout,
)
from regulab.training.kernels.philox import fill_mask


@compiled
def part(
    flat: Array,
    rows: int,
    place: int,
    units: int,
) -> Array:
    """A layer's `(rows, units)` part of a flat working array."""
    return flat[rows * place : rows * (place + units)].reshape((rows, units))


@compiled
def matrix(
    flat: Array,
    at: int,
    inputs: int,
    units: int,
) -> Array:
    """A kernel in the vector of weights, as a matrix."""
    return flat[at : at + inputs * units].reshape((inputs, units))


@compiled
def copy_columns(
    blocks: Array,
    column: int,
    lo: int,
    values: Array,
    back: bool,
) -> None:
    """Copy a model's columns of some rows out of the blocks, or back into them.

    Args:
        blocks: Shape `(blocks, batch, columns of a block)`.
        column: The first column, counted over all blocks.
        lo: Place in the batch of the first row.
        values: Shape `(rows, columns)`.
        back: Whether to copy from `values` to `blocks`.
    """
    rows, units = values.shape
    width, done = blocks.shape[2], 0
    while done < units:
        block, start = (column + done) // width, (column + done) % width
        count = min(width - start, units - done)
        # Slices, and not places in the whole: only so is the copying vectorized.
        held, own = blocks[block, lo : lo + rows, start : start + count], values[:, done : done + count]
        for r in range(rows):
            if back:
                for j in range(count):
                    held[r, j] = own[r, j]
            else:
                for j in range(count):
                    own[r, j] = held[r, j]
        done += count


@compiled
def forward(
    s: int,
    layout: Layout,
    sums: Array,
    lo: int,
    hi: int,
    rest: Array,
    seeds: Array,
    row: int,
    noisy: bool,
    outputs: Array,
    slopes: Array,
    with_slopes: bool,
) -> None:
    """Run one model on a stretch of a batch.

    Args:
        s: The model.
        layout: The stack.
        sums: The first layer's products, shape `(blocks, batch, width)`.
        lo: Place in `sums` of the stretch's first example.
        hi: Place after the last.
        rest: All weights but the first kernels.
        seeds: States of the dropouts' generators.
        row: Place of the stretch's first example in its batch.
        noisy: Whether dropout is on.
        outputs: Written to, flat: each layer's outputs; the last layer's before its activation.
        slopes: Written to, flat, where `with_slopes`: derivative of each hidden layer's outputs by its sums.
        with_slopes: Whether there will be a way back.
    """
    rows = hi - lo
    first, last = layout.models[s, FIRST_LAYER], layout.models[s + 1, FIRST_LAYER] - 1
    for layer in range(first, last + 1):
        units, place = layout.layers[layer, UNITS], layout.layers[layer, PLACE]
        out = part(outputs, rows, place, units)
        if layer == first:
            copy_columns(sums, layout.models[s, FIRST_COLUMN], lo, out, False)
        else:
            below = part(outputs, rows, layout.layers[layer - 1, PLACE], layout.layers[layer - 1, UNITS])
            np.dot(below, matrix(rest, layout.layers[layer, KERNEL], layout.layers[layer, INPUTS], units), out)
        if layout.layers[layer, BIAS] >= 0:
            bias = rest[layout.layers[layer, BIAS] : layout.layers[layer, BIAS] + units]
            for r in range(rows):
                for j in range(units):
                    out[r, j] += bias[j]
        if layer == last:
            continue
        slope = part(slopes, rows, place, units) if with_slopes else out
        _activate(layout.layers[layer, ACTIVATION], out, slope, with_slopes)
        noise = layout.layers[layer, NOISE]
        if noisy and noise >= 0:
            mask = np.empty((rows, units), np.float32)
            fill_mask(mask, row * units, seeds[noise, 0], seeds[noise, 1], layout.rates[noise])
            for r in range(rows):
                for j in range(units):
                    out[r, j] *= mask[r, j]
            if with_slopes:
                for r in range(rows):
                    for j in range(units):
                        slope[r, j] *= mask[r, j]


@compiled
def _activate(
    kind: int,
    out: Array,
    slope: Array,
    with_slopes: bool,
) -> None:
    zero, one = np.float32(0), np.float32(1)
    # As one long row: a layer of few units is vectorized all the same.
    y, by_sum = out.reshape(-1), slope.reshape(-1)
    if kind == RELU:
        if with_slopes:
            for i in range(y.size):
                by_sum[i] = one if y[i] > zero else zero
        for i in range(y.size):
            y[i] = max(y[i], zero)
        return
    if kind == TANH:
        for i in range(y.size):
            y[i] = tanh(y[i])
    elif kind == SIGMOID:
        for i in range(y.size):
            y[i] = sigmoid(y[i])
    if with_slopes:
        for i in range(y.size):
            by_sum[i] = one - y[i] * y[i] if kind == TANH else y[i] * (one - y[i]) if kind == SIGMOID else one


@compiled
def losses(
    kind: int,
    smoothing: Float,
    z: Array,
    labels: Array,
    rows: Array,
    lo: int,
    into: Array,
) -> None:
    """Loss of each example of a stretch, from the last layer's sums.

    Args:
        kind: The loss.
        smoothing: Label smoothing, float32.
        z: The last layer's sums, shape `(rows, outputs)`.
        labels: Labels of the split.
        rows: Rows of the batch.
        lo: Place of the stretch's first example in the batch.
        into: Written to, shape `(rows,)`.
    """
    count, outputs = z.shape
    grown = np.empty(z.size if kind == BINARY else 0, np.float32)
    flat = z.reshape(-1)
    for i in range(grown.size):
        grown[i] = softplus(flat[i])
    for r in range(count):
        row, loss = rows[lo + r], np.float32(0)
        if kind == BINARY:
            for j in range(outputs):
                target = labels[row, j] * (np.float32(1) - smoothing) + np.float32(0.5) * smoothing
                # As TensorFlow computes it, so that large values do not overflow.
                loss += grown[r * outputs + j] - z[r, j] * target
            loss /= np.float32(outputs)
        elif kind == SPARSE_CATEGORICAL:
            loss = _log_sum_exp(z, r) - z[r, np.int64(labels[row, 0])]
        elif kind == CATEGORICAL:
            normal = _log_sum_exp(z, r)
            for j in range(outputs):
                target = labels[row, j] * (np.float32(1) - smoothing) + smoothing / np.float32(outputs)
                loss -= target * (z[r, j] - normal)
        else:
            for j in range(outputs):
                difference = z[r, j] - labels[row, j]
                loss += difference * difference if kind == SQUARED else abs(difference)
            loss /= np.float32(outputs)
        into[r] = loss


@compiled
def _log_sum_exp(
    z: Array,
    r: int,
) -> Float:
    top = z[r, 0]
    for j in range(z.shape[1]):
        top = max(top, z[r, j])
    total = np.float32(0)
    for j in range(z.shape[1]):
        total += exp(z[r, j] - top)
    return top + np.log(total)


@compiled
def loss_gradient(
    kind: int,
    smoothing: Float,
    z: Array,
    labels: Array,
    rows: Array,
    lo: int,
    weights: Array,
    batch: int,
) -> None:
    """Replace the last layer's sums by the gradient of the batch's mean loss with respect to them."""
    count, outputs = z.shape
    one = np.float32(1)
    if kind == BINARY:
        flat = z.reshape(-1)
        for i in range(flat.size):
            flat[i] = sigmoid(flat[i])
    for r in range(count):
        row = rows[lo + r]
        scale = weights[row] / np.float32(batch)
        if kind == BINARY:
            for j in range(outputs):
                target = labels[row, j] * (one - smoothing) + np.float32(0.5) * smoothing
                z[r, j] = (z[r, j] - target) * scale / np.float32(outputs)
        elif kind in (SPARSE_CATEGORICAL, CATEGORICAL):
            normal, mass = _log_sum_exp(z, r), one
            if kind == CATEGORICAL:
                mass = smoothing
                for j in range(outputs):
                    mass += labels[row, j] * (one - smoothing)
            for j in range(outputs):
                if kind == CATEGORICAL:
                    target = labels[row, j] * (one - smoothing) + smoothing / np.float32(outputs)
                else:
                    target = one if j == np.int64(labels[row, 0]) else np.float32(0)
                z[r, j] = (exp(z[r, j] - normal) * mass - target) * scale
        else:
            for j in range(outputs):
                difference = z[r, j] - labels[row, j]
                slope = np.float32(2) * difference if kind == SQUARED else np.sign(difference)
                z[r, j] = slope * scale / np.float32(outputs)


@compiled
def metric(
    kind: int,
    activation: int,
    data_losses: Array,
    z: Array,
    labels: Array,
    rows: Array,
    lo: int,
    weights: Array,
    weighted: bool,
) -> tuple[Float, Float]:
    """Sum of a metric over a stretch's examples, and of their weights.

    Args:
        kind: The metric.
        activation: The last layer's.
        data_losses: Of each example, shape `(rows,)`.
        z: The last layer's sums, shape `(rows, outputs)`.
        labels: Labels of the split.
        rows: Rows of the batch.
        lo: Place of the stretch's first example in the batch.
        weights: Of the split's examples.
        weighted: Whether the metric is weighted with them.
    """
    total, count, outputs = np.float64(0), np.float64(0), z.shape[1]
    # Arrays with places, and not slices of them, nor a call for each row: either takes longer than all the rest.
    for r in range(z.shape[0]):
        row, value = rows[lo + r], np.float32(0)
        if kind == DATA_LOSS:
            value = data_losses[r]
        elif kind == SPARSE_CATEGORICAL_HIT:
            value = np.float32(_place_of_largest(z, r) == np.int64(labels[row, 0]))
        elif kind == CATEGORICAL_HIT:
            value = np.float32(_place_of_largest(z, r) == _place_of_largest(labels, row))
        elif kind == BINARY_HIT:
            # The sigmoid exceeds a half where its argument is positive.
            threshold = np.float32(0) if activation == SIGMOID else np.float32(0.5)
            for j in range(outputs):
                value += np.float32((np.float32(1) if z[r, j] > threshold else np.float32(0)) == labels[row, j])
            value /= np.float32(outputs)
        else:
            for j in range(outputs):
                difference = _output(activation, z, r, j) - labels[row, j]
                value += difference * difference if kind == SQUARED_ERROR else abs(difference)
            value /= np.float32(outputs)
        weight = weights[row] if weighted else np.float32(1)
        total += value * weight
        count += weight
    return total, count


@compiled
def _place_of_largest(
    values: Array,
    r: int,
) -> int:
    place = 0
    for j in range(1, values.shape[1]):
        if values[r, j] > values[r, place]:
            place = j
    return place


@compiled
def _output(
    activation: int,
    z: Array,
    r: int,
    j: int,
) -> Float:
    if activation == SIGMOID:
        return sigmoid(z[r, j])
    if activation == SOFTMAX:
        return exp(z[r, j] - _log_sum_exp(z, r))
    return z[r, j]


@compiled
def backward(
    s: int,
    layout: Layout,
    rest: Array,
    outputs: Array,
    slopes: Array,
    upstream: Array,
    lo: int,
    hi: int,
    gradient: Array,
) -> None:
    """From the gradient by the last layer's sums, in `outputs`, to those by all weights above the first kernel.

    Args:
        s: The model.
        layout: The stack.
        rest: All weights but the first kernels.
        outputs: Each layer's outputs; overwritten by the gradients by its sums.
        slopes: From `forward`.
        upstream: Written to, the model's columns: gradient by the first layer's sums, shape `(blocks, batch, width)`.
        lo: Place in `upstream` of the stretch's first example.
        hi: Place after the last.
        gradient: Written to: gradient by `rest`, the model's part.
    """
    rows = hi - lo
    first, last = layout.models[s, FIRST_LAYER], layout.models[s + 1, FIRST_LAYER] - 1
    for layer in range(last, first - 1, -1):
        units = layout.layers[layer, UNITS]
        delta = part(outputs, rows, layout.layers[layer, PLACE], units)
        if layout.layers[layer, BIAS] >= 0:
            bias = gradient[layout.layers[layer, BIAS] : layout.layers[layer, BIAS] + units]
            for j in range(units):
                bias[j] = np.float32(0)
            for r in range(rows):
                for j in range(units):
                    bias[j] += delta[r, j]
        if layer == first:
            copy_columns(upstream, layout.models[s, FIRST_COLUMN], lo, delta, True)
            return
        inputs, place = layout.layers[layer, INPUTS], layout.layers[layer - 1, PLACE]
        below, slope = part(outputs, rows, place, inputs), part(slopes, rows, place, inputs)
        np.dot(below.T, delta, matrix(gradient, layout.layers[layer, KERNEL], inputs, units))
        np.dot(delta, matrix(rest, layout.layers[layer, KERNEL], inputs, units).T, below)
        for r in range(rows):
            for j in range(inputs):
                below[r, j] *= slope[r, j]
