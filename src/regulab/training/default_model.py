"""The course's network, fitted to the shape of any data set: what is trained when no model is given."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from regulab.data.dataset import Dataset, Split
from regulab.errors import InputError

if TYPE_CHECKING:
    import keras

# Whole numbers beyond this are taken for a quantity, such as a price, and not for classes.
_MOST_CLASSES = 1000


def default_model(data: Dataset, *, units: int = 16) -> Callable[[], keras.Model]:
    """A builder of two hidden Dense layers and an output that suits the labels.

    Labels 0 and 1 get one sigmoid unit, other whole numbers from 0 a softmax over the classes, one-hot
    rows likewise, anything else a linear unit and squared error. The optimizer is Adam as it stands.

    Raises:
        InputError: If the data is a stream, which does not say what its labels are, or has no rows or columns.
    """
    train = data.train
    if not isinstance(train, Split):
        raise InputError(
            "Expected a model for a stream of batches. Received: none. Write a function that returns a compiled model; "
            "on the command line, name it with --model module:function."
        )
    shape = tuple(train.x.shape[1:])
    if len(train) == 0 or not shape:
        raise InputError(
            "Expected training features with a row for each example and a column for each feature. "
            f"Received: shape {tuple(train.x.shape)}. A single feature goes in a column: x.reshape(-1, 1)."
        )
    outputs, activation, loss, metrics = _head(train.y)

    def course_model() -> keras.Model:
        import keras

        layers = [
            keras.Input(shape),
            *([keras.layers.Flatten()] if len(shape) > 1 else []),
            keras.layers.Dense(units, activation="relu"),
            keras.layers.Dense(units, activation="relu"),
            keras.layers.Dense(outputs, activation=activation),
        ]
        model = keras.Sequential(layers)
        model.compile(optimizer="adam", loss=loss, metrics=metrics)
        return model

    return course_model


def _head(labels: np.ndarray) -> tuple[int, str | None, str, list[str]]:
    """Units, activation, loss and metrics of the output layer."""
    flat = labels.ndim == 1 or labels.shape[1:] == (1,)
    whole = np.issubdtype(labels.dtype, np.integer) or np.issubdtype(labels.dtype, np.bool_)
    if flat and set(np.unique(labels)) <= {0, 1}:
        return 1, "sigmoid", "binary_crossentropy", ["accuracy", "binary_crossentropy"]
    if flat and whole and labels.min() >= 0 and labels.max() < _MOST_CLASSES:
        return int(labels.max()) + 1, "softmax", "sparse_categorical_crossentropy", ["accuracy"]
    if not flat and labels.ndim == 2 and np.all((labels == 0) | (labels == 1)) and np.all(labels.sum(axis=1) == 1):
        return labels.shape[1], "softmax", "categorical_crossentropy", ["accuracy"]
    return 1 if flat else int(labels.shape[-1]), None, "mean_squared_error", ["mean_absolute_error"]
