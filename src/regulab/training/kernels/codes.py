"""Integer codes that compiled code branches on, in place of Keras's objects."""

from __future__ import annotations

#: Activations, by their names in Keras.
ACTIVATIONS = {"linear": 0, "relu": 1, "tanh": 2, "sigmoid": 3, "softmax": 4}
LINEAR, RELU, TANH, SIGMOID, SOFTMAX = ACTIVATIONS.values()

#: Losses. Cross-entropies are computed from logits, so they include the output layer's activation.
BINARY_CROSSENTROPY, SPARSE_CATEGORICAL_CROSSENTROPY, CATEGORICAL_CROSSENTROPY, SQUARED_LOSS, ABSOLUTE_LOSS = range(5)

#: What a metric averages over the examples. DATA_LOSS is the loss without label smoothing.
BINARY_ACCURACY, SPARSE_CATEGORICAL_ACCURACY, CATEGORICAL_ACCURACY, DATA_LOSS, SQUARED_ERROR, ABSOLUTE_ERROR = range(6)

#: Update rules of optimizers.
ADAM, SGD, MOMENTUM, NESTEROV, RMSPROP = range(5)

#: Widths that a block of columns may have where the features are sparse. Each has compiled code of its own.
NARROW, MEDIUM, WIDE = 4, 16, 32

#: Columns of `Layout.models`.
FIRST_LAYER, FIRST_COLUMN, LOSS = range(3)
#: Columns of `Layout.layers`.
INPUTS, UNITS, ACTIVATION, KERNEL_OFFSET, BIAS_OFFSET, OUTPUT_OFFSET, DROPOUT = range(7)
