"""How the models of a stack lie in flat arrays: what the compiled passes read instead of Keras's objects."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

import numpy as np

#: What a kernel works on; the compiler reads the element types off the arrays themselves.
Array: TypeAlias = Any
#: float32 where it counts: one float64 in a loop would halve its speed.
Float: TypeAlias = Any

#: Activations, by Keras's names.
ACTIVATIONS = {"linear": 0, "relu": 1, "tanh": 2, "sigmoid": 3, "softmax": 4}
LINEAR, RELU, TANH, SIGMOID, SOFTMAX = ACTIVATIONS.values()
#: Losses. Cross-entropies are computed from the values before the last activation.
BINARY, SPARSE_CATEGORICAL, CATEGORICAL, SQUARED, ABSOLUTE = range(5)
#: What a metric averages over the examples; DATA_LOSS stands for the loss without smoothing.
BINARY_HIT, SPARSE_CATEGORICAL_HIT, CATEGORICAL_HIT, DATA_LOSS, SQUARED_ERROR, ABSOLUTE_ERROR = range(6)
#: Update rules.
ADAM, SGD, MOMENTUM, NESTEROV, RMSPROP = range(5)
#: Columns that a block may have where rows are sparse: each needs code of its own.
NARROW, MIDDLE, WIDE = 4, 16, 32

#: Columns of `Layout.models` and `Layout.layers`.
FIRST_LAYER, FIRST_COLUMN, LOSS = range(3)
INPUTS, UNITS, ACTIVATION, KERNEL, BIAS, PLACE, NOISE = range(7)


class Layout(NamedTuple):
    """Where each model's layers lie.

    The first kernels of all models stand side by side in one matrix, a model's units in neighbouring
    columns: a batch is read once for all of them. The matrix is cut into blocks of columns that lie apart in
    memory, so that a block stays in a cache while a batch is run over it, and all its columns go through
    registers as one; see `lanes`. All other weights follow one another in one vector.

    Attributes:
        models: First layer, first column and loss of each model, int64, shape `(models + 1, 3)`; the last row
            holds the number of all layers and columns.
        layers: Of each layer the inputs, units, activation, places of kernel and bias in the vector (-1 for first
            kernels and where there is no bias), place of its outputs among those of its model, in units, and the
            dropout that follows (-1 for none); int64, shape `(layers, 7)`.
        rates: Rate of each dropout, float32.
        smoothings: Label smoothing of each model, float32.
        metrics: Code of each metric (-1 for none), and whether it is weighted; int64, shape `(models, most, 2)`.
        width: Units of the model that has the most.
    """

    models: np.ndarray
    layers: np.ndarray
    rates: np.ndarray
    smoothings: np.ndarray
    metrics: np.ndarray
    width: int


class Examples(NamedTuple):
    """A split as the passes read it.

    Attributes:
        values: CSR values, float32; empty where the features are dense, and where all values are one, as in multi-hot
            rows: half as much to read.
        indices: CSR columns, sorted within each row.
        offsets: CSR row offsets.
        dense: Dense features, float32, shape `(n, features)`; shape `(0, 0)` where they are sparse.
        labels: Float32, shape `(n, outputs)`; class numbers have one output.
        fit_weights: What the training loss is weighted with, float32, shape `(n,)`.
        weights: What measures are weighted with, float32, shape `(n,)`.
    """

    values: np.ndarray
    indices: np.ndarray
    offsets: np.ndarray
    dense: np.ndarray
    labels: np.ndarray
    fit_weights: np.ndarray
    weights: np.ndarray


class State(NamedTuple):
    """Weights and the optimizer's memory.

    Attributes:
        first: First kernels side by side in blocks, float32, shape `(blocks, features, columns of a block)`; the
            last block's columns beyond the models' are zero.
        first_1: Adam's first moment, SGD's momentum or RMSprop's mean square; the same shape,
            or `(blocks, 0, columns of a block)` where the rule needs none.
        first_2: Adam's second moment; the same shape,
            or `(blocks, 0, columns of a block)` where the rule needs none.
        rest: All other weights, float32, shape `(weights,)`.
        rest_1: As `first_1`.
        rest_2: As `first_2`.
        seeds: States of the dropouts' seed generators, int64, shape `(dropouts, 2)`.
    """

    first: np.ndarray
    first_1: np.ndarray
    first_2: np.ndarray
    rest: np.ndarray
    rest_1: np.ndarray
    rest_2: np.ndarray
    seeds: np.ndarray


class Rule(NamedTuple):
    """How weights are updated.

    Attributes:
        kind: One of the update rules.
        a: Adam's β₁, SGD's momentum or RMSprop's ρ, float32.
        b: Adam's β₂, float32.
        epsilon: Adam's or RMSprop's ε, float32.
        first_l1: L1 strength of each column of all blocks, float32, shape `(columns,)`.
        first_l2: L2 strength, likewise.
        first_decay: Weight decay, likewise.
        starts: Where each other kernel and bias begins among the other weights, and their end, int64, shape
            `(parts + 1,)`.
        owners: Model that each of these belongs to, int64, shape `(parts,)`.
        rest_l1: L1 strength of each, float32, shape `(parts,)`.
        rest_l2: L2 strength, likewise.
        rest_decay: Weight decay, likewise.
    """

    kind: int
    a: float
    b: float
    epsilon: float
    first_l1: np.ndarray
    first_l2: np.ndarray
    first_decay: np.ndarray
    starts: np.ndarray
    owners: np.ndarray
    rest_l1: np.ndarray
    rest_l2: np.ndarray
    rest_decay: np.ndarray


class Share(NamedTuple):
    """What one thread updates.

    Attributes:
        blocks: First block of the first kernels, and the block after the last.
        features: First feature, whose row in each of these blocks it updates, and the feature after the last.
        others: First of the other weights, and the weight after the last.
    """

    blocks: tuple[int, int]
    features: tuple[int, int]
    others: tuple[int, int]


class Room(NamedTuple):
    """Where threads put what they find while they train.

    Attributes:
        upstream: Gradient by the first layer's sums, and before it these sums, float32, shape
            `(blocks, batch, columns of a block)`.
        outputs: Outputs of a thread's stretch of a batch, float32, shape `(threads, Layout.width * batch)`.
        slopes: The same.
        gradient: Each thread's gradient by all weights but the first kernels, float32, shape `(threads, weights)`.
        scattered: Each thread's gradient by the first kernels, float32, shape `(threads, features * columns)`; or
            `(0, 0)` where it is collected from `upstream`.
        sums: Sums over examples of each model's weighted training loss, weighted data loss and metrics, float64,
            shape `(threads, models, 2 + metrics)`.
        counts: Sums of the metrics' weights, float64, shape `(threads, models, metrics)`.
        penalties: Present penalty of each model on the weights that a thread updates, float64, `(threads, models)`.
        penalty_sums: Sum of each model's penalty over the examples, float64, shape `(models,)`.
        arrivals: See `barrier`.
    """

    upstream: np.ndarray
    outputs: np.ndarray
    slopes: np.ndarray
    gradient: np.ndarray
    scattered: np.ndarray
    sums: np.ndarray
    counts: np.ndarray
    penalties: np.ndarray
    penalty_sums: np.ndarray
    arrivals: np.ndarray
