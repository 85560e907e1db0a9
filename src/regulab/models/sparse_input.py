"""A first layer that reads CSR batches by summing kernel rows; multi-hot data is never made dense."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import csr_array

from regulab.errors import NotApplicableError
from regulab.models.keras_internals import calls_of, calls_on_results_of, is_plain_functional
from regulab.models.rebuild import rebuild

if TYPE_CHECKING:
    import keras


def sparse_trainee(model: keras.Model) -> keras.Model | None:
    """An uncompiled model equal to `model` that reads `tf.SparseTensor` batches, or None where there is none.

    It exists for a Sequential or chain-like Functional model whose first layer is a plain Dense. Its
    weights are listed in the same order, so `get_weights` and `set_weights` carry over.
    """
    import keras

    layers = chain(model)
    if not layers or type(layers[0]) is not keras.layers.Dense or len(model.input_shape) != 2:
        return None
    first, *rest = layers
    try:
        others = [rebuild(layer) for layer in rest]
    except NotApplicableError:
        return None
    return keras.Sequential(
        [
            keras.Input(model.input_shape[1:], dtype="float32", sparse=True),
            _sparse_dense().from_config(first.get_config()),
            *others,
        ],
        name=model.name,
    )


def chain(model: keras.Model) -> list[keras.layers.Layer]:
    """The layers of a model in which each feeds just the next one; empty for any other model."""
    import keras

    layers = [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]
    # A subclass may have a training step of its own, which a plain Sequential would lose.
    if type(model) is keras.Sequential:
        return layers
    if not is_plain_functional(model) or len(model.inputs) != 1 or len(model.outputs) != 1:
        return []
    calls = [calls_of(layer) for layer in layers]
    straight = all(len(of_layer) == 1 == len(of_layer[0].parent_nodes) for of_layer in calls)
    ends = [layer for layer in layers if not calls_on_results_of(layer)]
    forks = any(len(calls_on_results_of(layer)) > 1 for layer in model.layers)
    return layers if straight and len(ends) == 1 and not forks else []


def _sparse_dense() -> type[keras.layers.Dense]:
    import keras

    class SparseDense(keras.layers.Dense):
        """A Dense layer on a `tf.SparseTensor`; the products are scipy's."""

        def call(self, inputs: Any, training: bool | None = None) -> Any:
            outputs = sparse_matmul(inputs, self.kernel)
            if self.use_bias:
                outputs = keras.ops.add(outputs, self.bias)
            return outputs if self.activation is None else self.activation(outputs)

    return SparseDense


def sparse_matmul(batch: Any, kernel: Any) -> Any:
    """`batch @ kernel` for a `tf.SparseTensor` with sorted rows, with a gradient for the kernel only.

    Args:
        batch: Shape `(rows, words)`.
        kernel: Shape `(words, units)`.

    Returns:
        A tensor of shape `(rows, units)`.
    """
    import tensorflow as tf

    words, units = kernel.shape
    rows = tf.shape(batch, out_type=tf.int64)[0]
    # Grappler merges these with the same operations of the other members: done once a batch.
    columns = tf.cast(batch.indices[:, 1], tf.int32)
    splits = tf.searchsorted(batch.indices[:, 0], tf.range(rows + 1), out_type=tf.int32)
    parts = (batch.values, columns, splits)

    @tf.custom_gradient
    def product(matrix: Any) -> tuple[Any, Any]:
        def gradient(upstream: Any) -> Any:
            return _numpy_matmul(_transposed_product, (*parts, upstream), words, shape=(words, units))

        return _numpy_matmul(_product, (*parts, matrix), words, shape=(None, units)), gradient

    return product(tf.convert_to_tensor(kernel))


def _numpy_matmul(function: Any, tensors: tuple[Any, ...], words: int, *, shape: tuple[int | None, int]) -> Any:
    import tensorflow as tf

    result = tf.numpy_function(lambda *arrays: function(*arrays, words), tensors, tf.float32, stateful=False)
    return tf.ensure_shape(result, shape)


def _product(values: Any, columns: Any, splits: Any, matrix: Any, words: int) -> np.ndarray:
    rows = csr_array((values, columns, splits), shape=(len(splits) - 1, words))
    return np.asarray(rows @ matrix)


def _transposed_product(values: Any, columns: Any, splits: Any, upstream: Any, words: int) -> np.ndarray:
    rows = csr_array((values, columns, splits), shape=(len(splits) - 1, words))
    return np.asarray(rows.T @ upstream)
