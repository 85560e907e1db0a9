"""The layers above the first, for one model and a slice of a batch: forward and backward pass."""

from __future__ import annotations

import numpy as np

from regulab.training.kernels.activations import activate
from regulab.training.kernels.codes import (
    ACTIVATION,
    BIAS_OFFSET,
    DROPOUT,
    FIRST_COLUMN,
    FIRST_LAYER,
    INPUTS,
    KERNEL_OFFSET,
    OUTPUT_OFFSET,
    UNITS,
)
from regulab.training.kernels.jit import Array, compiled
from regulab.training.kernels.layout import Layout
from regulab.training.kernels.philox import fill_mask


@compiled
def layer_view(
    buffer: Array,
    rows: int,
    offset: int,
    units: int,
) -> Array:
    """One layer's part of a flat buffer, as an array of shape `(rows, units)`; `offset` is in units."""
    return buffer[rows * offset : rows * (offset + units)].reshape((rows, units))


@compiled
def _kernel_view(
    vector: Array,
    offset: int,
    inputs: int,
    units: int,
) -> Array:
    """One kernel in a vector like `State.other_weights`, as a matrix."""
    return vector[offset : offset + inputs * units].reshape((inputs, units))


@compiled
def output_preactivations(
    model: int,
    layout: Layout,
    outputs: Array,
    rows: int,
) -> Array:
    """The output layer's preactivations, which `forward` left in `outputs`, shape `(rows, units)`."""
    last = layout.models[model + 1, FIRST_LAYER] - 1
    return layer_view(outputs, rows, layout.layers[last, OUTPUT_OFFSET], layout.layers[last, UNITS])


@compiled
def copy_columns(
    blocks: Array,
    column: int,
    start: int,
    values: Array,
    into_blocks: bool,
) -> None:
    """Copy a model's columns of some rows out of the blocks, or into them.

    Args:
        blocks: Shape `(blocks, batch, width)`.
        column: The model's first column, counted across all blocks.
        start: The first row, as an index into the batch.
        values: Shape `(rows, columns)`.
        into_blocks: Whether to copy from `values` into `blocks`.
    """
    rows, units = values.shape
    width, done = blocks.shape[2], 0
    while done < units:
        block, first = (column + done) // width, (column + done) % width
        count = min(width - first, units - done)
        # Slices instead of indices into the whole arrays: only then is the copy vectorized.
        block_part = blocks[block, start : start + rows, first : first + count]
        value_part = values[:, done : done + count]
        for r in range(rows):
            if into_blocks:
                for j in range(count):
                    block_part[r, j] = value_part[r, j]
            else:
                for j in range(count):
                    value_part[r, j] = block_part[r, j]
        done += count


@compiled
def forward(
    model: int,
    layout: Layout,
    preactivations: Array,
    start: int,
    stop: int,
    other_weights: Array,
    dropout_seeds: Array,
    batch_row: int,
    dropout_on: bool,
    outputs: Array,
    activation_gradients: Array,
    with_gradients: bool,
) -> None:
    """Run one model on a slice of a batch, from the first layer's preactivations on.

    Args:
        model: Index of the model.
        layout: The models.
        preactivations: The first layer's, without bias, shape `(blocks, batch, width)`.
        start: The slice's first example, as an index into `preactivations`.
        stop: The example after the last.
        other_weights: All weights except the first kernels.
        dropout_seeds: States of the dropouts' seed generators.
        batch_row: The slice's first example, as an index into its batch; dropout masks depend on it.
        dropout_on: Whether dropout is on.
        outputs: Written to, flat: each layer's outputs; of the output layer the preactivations.
        activation_gradients: Written to if `with_gradients`, flat: derivatives of each hidden layer's outputs, after
            dropout, with respect to its preactivations.
        with_gradients: Whether a backward pass follows.
    """
    rows = stop - start
    first, last = layout.models[model, FIRST_LAYER], layout.models[model + 1, FIRST_LAYER] - 1
    for layer in range(first, last + 1):
        units, offset = layout.layers[layer, UNITS], layout.layers[layer, OUTPUT_OFFSET]
        out = layer_view(outputs, rows, offset, units)
        if layer == first:
            copy_columns(preactivations, layout.models[model, FIRST_COLUMN], start, out, False)
        else:
            inputs = layout.layers[layer, INPUTS]
            below = layer_view(outputs, rows, layout.layers[layer - 1, OUTPUT_OFFSET], inputs)
            np.dot(below, _kernel_view(other_weights, layout.layers[layer, KERNEL_OFFSET], inputs, units), out)
        if layout.layers[layer, BIAS_OFFSET] >= 0:
            bias = other_weights[layout.layers[layer, BIAS_OFFSET] : layout.layers[layer, BIAS_OFFSET] + units]
            for r in range(rows):
                for j in range(units):
                    out[r, j] += bias[j]
        if layer == last:
            continue
        gradients = layer_view(activation_gradients, rows, offset, units) if with_gradients else out
        activate(layout.layers[layer, ACTIVATION], out, gradients, with_gradients)
        dropout = layout.layers[layer, DROPOUT]
        if dropout_on and dropout >= 0:
            mask = np.empty((rows, units), np.float32)
            seed_0, seed_1 = dropout_seeds[dropout, 0], dropout_seeds[dropout, 1]
            fill_mask(mask, batch_row * units, seed_0, seed_1, layout.dropout_rates[dropout])
            for r in range(rows):
                for j in range(units):
                    out[r, j] *= mask[r, j]
            if with_gradients:
                for r in range(rows):
                    for j in range(units):
                        gradients[r, j] *= mask[r, j]


@compiled
def backward(
    model: int,
    layout: Layout,
    other_weights: Array,
    outputs: Array,
    activation_gradients: Array,
    deltas: Array,
    start: int,
    stop: int,
    gradient: Array,
) -> None:
    """Backpropagate from the output layer's delta to the gradients of all weights except the first kernel.

    A layer's delta is the gradient of the loss with respect to its preactivations.

    Args:
        model: Index of the model.
        layout: The models.
        other_weights: All weights except the first kernels.
        outputs: Each layer's outputs, and the output layer's delta; overwritten by the deltas.
        activation_gradients: From `forward`.
        deltas: Written to, in the model's columns: the first layer's delta, shape `(blocks, batch, width)`.
        start: The slice's first example, as an index into `deltas`.
        stop: The example after the last.
        gradient: Written to, in the model's part: gradient with respect to `other_weights`.
    """
    rows = stop - start
    first, last = layout.models[model, FIRST_LAYER], layout.models[model + 1, FIRST_LAYER] - 1
    for layer in range(last, first - 1, -1):
        units = layout.layers[layer, UNITS]
        delta = layer_view(outputs, rows, layout.layers[layer, OUTPUT_OFFSET], units)
        if layout.layers[layer, BIAS_OFFSET] >= 0:
            bias = gradient[layout.layers[layer, BIAS_OFFSET] : layout.layers[layer, BIAS_OFFSET] + units]
            for j in range(units):
                bias[j] = np.float32(0)
            for r in range(rows):
                for j in range(units):
                    bias[j] += delta[r, j]
        if layer == first:
            copy_columns(deltas, layout.models[model, FIRST_COLUMN], start, delta, True)
            return
        inputs, offset = layout.layers[layer, INPUTS], layout.layers[layer - 1, OUTPUT_OFFSET]
        below = layer_view(outputs, rows, offset, inputs)
        derivative = layer_view(activation_gradients, rows, offset, inputs)
        kernel_offset = layout.layers[layer, KERNEL_OFFSET]
        np.dot(below.T, delta, _kernel_view(gradient, kernel_offset, inputs, units))
        np.dot(delta, _kernel_view(other_weights, kernel_offset, inputs, units).T, below)
        for r in range(rows):
            for j in range(inputs):
                below[r, j] *= derivative[r, j]
