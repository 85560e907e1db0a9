"""Where the engine gets its batches: rows of a split in memory, or a stream."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import issparse

from regulab.data.dataset import Split, Stream


class Batch(NamedTuple):
    """What every member is given at once.

    Attributes:
        x: Features, shape `(batch, ...)`; a `tf.SparseTensor` where the split is CSR.
        y: Labels, shape `(batch, ...)`.
        fit_weight: What Keras weights the training loss with (sample weight times class weight), or None.
        weight: What the data loss is weighted with (sample weight alone), or None.
    """

    x: Any
    y: Any
    fit_weight: Any
    weight: Any


@dataclass(frozen=True, eq=False)
class SplitBatches:
    """A split made ready for the graph.

    Attributes:
        split: The examples; labels already have the shape that the loss takes.
        class_weight: Weight of each class in Keras's training loss, or None.
    """

    split: Split
    class_weight: Mapping[int, float] | None = None

    def __len__(self) -> int:
        return len(self.split)

    def batch(self, rows: Any) -> Batch:
        """The examples at `rows`, a tensor of shape `(batch,)`, gathered inside the graph."""
        split = self.split
        x = _gather_sparse(split.x, rows) if issparse(split.x) else _gather(split.x, rows)
        y = _gather(split.y, rows)
        weight = None if split.sample_weight is None else _gather(split.sample_weight, rows)
        fit_weight = weight if self._by_class is None else _gather(self._by_class, rows)
        return Batch(x, y, fit_weight, weight)

    @cached_property
    def _by_class(self) -> np.ndarray | None:
        """Class weight times sample weight of each example, shape `(n,)`, or None where classes have no weights."""
        if self.class_weight is None:
            return None
        weights = example_weights(self.split.y, self.class_weight)
        return weights if self.split.sample_weight is None else weights * self.split.sample_weight


def example_weights(labels: np.ndarray, weights: Mapping[int, float]) -> np.ndarray:
    """The weight of each example's class, float32, shape `(n,)`; 1 for classes that `weights` leaves out.

    As in Keras, labels are rounded to whole numbers.

    Example:
        >>> example_weights(np.array([0, 1, 1]), {1: 3.0}).tolist()
        [1.0, 3.0, 3.0]
    """
    one_hot = labels.ndim > 1 and labels.shape[1] > 1
    classes = labels.argmax(axis=1) if one_hot else labels.reshape(len(labels))
    labels_there, codes = np.unique(np.round(classes).astype(np.int64), return_inverse=True)
    table = np.array([weights.get(int(label), 1.0) for label in labels_there], np.float32)
    return table[codes.reshape(-1)]


def stream_batches(stream: Stream) -> Iterator[Batch]:
    """The batches of a stream, once through."""
    for parts in stream.batches:
        x, y, *rest = parts
        weight = rest[0] if rest else None
        yield Batch(x, y, weight, weight)


def _gather(array: np.ndarray, rows: Any) -> Any:
    """Rows of a numpy array without copying the array into TensorFlow."""
    import tensorflow as tf

    # Keras's own array adapter turns float64 into float32 as well.
    kind = np.float32 if array.dtype == np.float64 else array.dtype
    batch = tf.numpy_function(
        lambda index: np.ascontiguousarray(array[index], dtype=kind), [rows], tf.as_dtype(kind), stateful=False
    )
    return tf.ensure_shape(batch, (None, *array.shape[1:]))


def _gather_sparse(matrix: Any, rows: Any) -> Any:
    import tensorflow as tf

    width = matrix.shape[1]

    def take(index: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        batch = matrix[index]
        owners = np.repeat(np.arange(len(index), dtype=np.int64), np.diff(batch.indptr))
        return np.column_stack([owners, batch.indices.astype(np.int64)]), batch.data.astype(np.float32, copy=False)

    indices, values = tf.numpy_function(take, [rows], (tf.int64, tf.float32), stateful=False)
    shape = tf.stack([tf.size(rows, out_type=tf.int64), tf.constant(width, tf.int64)])
    sparse = tf.SparseTensor(tf.ensure_shape(indices, (None, 2)), tf.ensure_shape(values, (None,)), shape)
    sparse.set_shape((None, width))
    return sparse
