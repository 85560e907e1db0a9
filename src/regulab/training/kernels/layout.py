"""The arrays that compiled code reads and writes; README.md shows how they are laid out in memory."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Layout(NamedTuple):
    """Where each model's layers are in the arrays of `State`.

    The first kernels of all models are columns of one matrix, a model's units in adjacent columns, so that a batch is
    read once for all models. The matrix is stored in blocks of columns, each contiguous in memory: a block stays in
    cache while a batch runs over it, and one row of a block fits in SIMD registers. All other weights are concatenated
    in one vector.

    Attributes:
        models: First layer, first column and loss of each model, int64, shape `(models + 1, 3)`; the last row
            holds the total number of layers and columns.
        layers: Of each layer the inputs, units and activation, the offsets of kernel and bias in the vector of other
            weights (-1 for first kernels, and where there is no bias), the offset of its outputs among its model's, in
            units, and the dropout that follows (-1 for none); int64, shape `(layers, 7)`.
        dropout_rates: Rate of each dropout, float32.
        label_smoothings: Label smoothing of each model, float32.
        metrics: Code of each metric (-1 for none), and whether it is weighted; int64, shape `(models, most, 2)`.
        max_units: Units of all layers of the largest model.
    """

    models: np.ndarray
    layers: np.ndarray
    dropout_rates: np.ndarray
    label_smoothings: np.ndarray
    metrics: np.ndarray
    max_units: int


class Examples(NamedTuple):
    """The examples of a split.

    Attributes:
        values: CSR values, float32; empty where the features are dense, and where all values are one, as in multi-hot
            rows, which halves what has to be read.
        indices: CSR column indices, sorted within each row, int32.
        indptr: CSR row pointers, int64.
        dense: Dense features, float32, shape `(n, features)`; shape `(0, 0)` where they are sparse.
        labels: Labels, float32, shape `(n, outputs)`; class indices have one output.
        fit_weights: Sample weight times class weight, which Keras weights the training loss with, float32, shape
            `(n,)`.
        sample_weights: Sample weight, which measures are weighted with, float32, shape `(n,)`.
    """

    values: np.ndarray
    indices: np.ndarray
    indptr: np.ndarray
    dense: np.ndarray
    labels: np.ndarray
    fit_weights: np.ndarray
    sample_weights: np.ndarray


class State(NamedTuple):
    """Weights, optimizer slots and random states: everything that training changes.

    Attributes:
        first_kernels: First kernels in blocks of columns, float32, shape `(blocks, features, width)`; columns of the
            last block beyond the models' are zero.
        first_slot_1: Adam's first moment, SGD's momentum or RMSprop's mean square; the same shape,
            or `(blocks, 0, width)` where the update rule needs none.
        first_slot_2: Adam's second moment, likewise.
        other_weights: All other weights, float32, shape `(weights,)`.
        other_slot_1: Their first slot; the same shape, or `(0,)`.
        other_slot_2: Their second slot, likewise.
        dropout_seeds: States of the dropouts' seed generators, int64, shape `(dropouts, 2)`.
    """

    first_kernels: np.ndarray
    first_slot_1: np.ndarray
    first_slot_2: np.ndarray
    other_weights: np.ndarray
    other_slot_1: np.ndarray
    other_slot_2: np.ndarray
    dropout_seeds: np.ndarray


class UpdateRule(NamedTuple):
    """How weights are updated: the rule, and the penalty and decay of each weight.

    The first kernels have one strength per column. The other weights have one per tensor, which is a kernel or a bias.

    Attributes:
        kind: Code of the update rule.
        beta_1: Decay rate of the first slot: Adam's β₁, SGD's momentum or RMSprop's ρ.
        beta_2: Decay rate of the second slot: Adam's β₂.
        epsilon: Adam's or RMSprop's ε.
        column_l1: L1 strength of each column of all blocks, float32, shape `(columns,)`.
        column_l2: L2 strength, likewise.
        column_decay: Weight decay, likewise.
        tensor_starts: Offset of each tensor among the other weights, and of their end, int64, shape `(tensors + 1,)`.
        tensor_models: Model that each tensor belongs to, int64, shape `(tensors,)`.
        tensor_l1: L1 strength of each tensor, float32, shape `(tensors,)`.
        tensor_l2: L2 strength, likewise.
        tensor_decay: Weight decay, likewise.
    """

    kind: int
    beta_1: float
    beta_2: float
    epsilon: float
    column_l1: np.ndarray
    column_l2: np.ndarray
    column_decay: np.ndarray
    tensor_starts: np.ndarray
    tensor_models: np.ndarray
    tensor_l1: np.ndarray
    tensor_l2: np.ndarray
    tensor_decay: np.ndarray


class WorkRange(NamedTuple):
    """The weights that one thread updates, as half-open ranges.

    Attributes:
        blocks: Blocks of the first kernels.
        features: Features, whose rows in each of these blocks it updates.
        other_weights: Other weights.
    """

    blocks: tuple[int, int]
    features: tuple[int, int]
    other_weights: tuple[int, int]


class Workspace(NamedTuple):
    """Buffers and totals of the threads while they train.

    Attributes:
        preactivations: The first layer's preactivations, overwritten by their gradient (delta) on the way back,
            float32, shape `(blocks, batch, width)`.
        outputs: Layer outputs of each thread's slice of a batch, float32, shape `(threads, Layout.max_units * batch)`.
        activation_gradients: Derivatives of the hidden layers' outputs with respect to their preactivations, likewise.
        other_gradients: Each thread's gradient with respect to the other weights, float32, shape `(threads, weights)`.
        first_gradients: Each thread's gradient with respect to the first kernels, float32, shape
            `(threads, features * width)`; or `(0, 0)` where it is computed from `preactivations` when it is needed.
        sums: Sums over examples of each model's weighted training loss, weighted data loss and metrics, float64,
            shape `(threads, models, 2 + metrics)`.
        metric_weights: Sums of the metrics' weights, float64, shape `(threads, models, metrics)`.
        penalties: Current penalty of each model on the weights that each thread updates, float64, shape
            `(threads, models)`.
        penalty_sums: Sum of each model's penalty over the examples, float64, shape `(models,)`.
        arrivals: Counter of the barrier.
    """

    preactivations: np.ndarray
    outputs: np.ndarray
    activation_gradients: np.ndarray
    other_gradients: np.ndarray
    first_gradients: np.ndarray
    sums: np.ndarray
    metric_weights: np.ndarray
    penalties: np.ndarray
    penalty_sums: np.ndarray
    arrivals: np.ndarray
