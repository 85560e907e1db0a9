"""The course's network, fitted to the shape of any data set: what is trained when no model is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from regulab.data.dataset import Dataset, Split
from regulab.errors import InputError

if TYPE_CHECKING:
    import keras

# Whole numbers beyond this are taken for a quantity, such as a price, and not for classes.
_MOST_CLASSES = 1000


@dataclass(frozen=True, kw_only=True)
class Head:
    """The output layer that suits some labels, and what it is compiled with.

    Attributes:
        task: What the labels are taken for, in words.
        units: How many outputs.
        activation: Of the outputs; None for none.
        loss: The name of a loss of Keras.
        metrics: Names of metrics of Keras.
    """

    task: str
    units: int
    activation: str | None
    loss: str
    metrics: tuple[str, ...]

    def describe(self) -> str:
        """The task, the outputs and the loss, in words."""
        outputs = f"{self.units} {self.activation or 'linear'} output{'s' if self.units > 1 else ''}"
        return f"{self.task}: {outputs}, {self.loss}"


def default_model(data: Dataset, *, units: int = 16) -> Callable[[], keras.Model]:
    """A builder of two hidden Dense layers and an output that suits the labels.

    Labels 0 and 1 get one sigmoid unit, other whole numbers from 0 a softmax over the classes, one-hot
    rows likewise, anything else a linear unit and squared error. The optimizer is Adam with its defaults.

    Raises:
        InputError: If the data is a stream, which does not say what its labels are, has no rows or columns, or
            its labels are all the same, or classes coded as -1 and 1.
    """
    head = default_head(data)
    shape = tuple(data.train.x.shape[1:])  # type: ignore[union-attr]

    def course_model() -> keras.Model:
        import keras

        layers = [
            keras.Input(shape),
            *([keras.layers.Flatten()] if len(shape) > 1 else []),
            keras.layers.Dense(units, activation="relu"),
            keras.layers.Dense(units, activation="relu"),
            keras.layers.Dense(head.units, activation=head.activation),
        ]
        model = keras.Sequential(layers)
        model.compile(optimizer="adam", loss=head.loss, metrics=list(head.metrics))
        return model

    return course_model


def default_head(data: Dataset) -> Head:
    """The output that `default_model` gives its network.

    Raises:
        InputError: As `default_model`.

    Example:
        >>> default_head(Dataset(name="", train=(split := Split(np.eye(3), np.arange(3))), validation=split)).describe()
        '3 classes, 0 to 2: 3 softmax outputs, sparse_categorical_crossentropy'
    """
    train = data.train
    if not isinstance(train, Split):
        raise InputError(
            "Expected a model for a stream of batches. Write a function that returns a compiled model; "
            "on the command line, name it with --model module:function."
        )
    shape = tuple(train.x.shape[1:])
    if len(train) == 0 or not shape:
        raise InputError(
            "Expected training features with a row for each example and a column for each feature. "
            f"Received: shape {tuple(train.x.shape)}. A single feature goes in a column: x.reshape(-1, 1)."
        )
    if (train.y == train.y[:1]).all():
        raise InputError(
            f"Expected training labels that differ. Received: {train.y[0].tolist()} in each of the {len(train)} rows, "
            "so there is nothing to learn. Check how the labels were made and how the rows were chosen."
        )
    return _head(train.y)


def _head(labels: np.ndarray) -> Head:
    flat = labels.ndim == 1 or labels.shape[1:] == (1,)
    whole = np.issubdtype(labels.dtype, np.integer) or np.issubdtype(labels.dtype, np.bool_)
    values = np.unique(labels) if flat else labels[:0]
    if flat and set(values) == {-1, 1}:
        raise InputError(
            "Expected the two classes as 0 and 1. Received: training labels -1 and 1. Recode them, for example with "
            "(y > 0).astype(int); or, to train on them as they are, pass a model of your own."
        )
    if flat and set(values) <= {0, 1}:
        return Head(
            task="2 classes, 0 and 1",
            units=1,
            activation="sigmoid",
            loss="binary_crossentropy",
            metrics=("accuracy", "binary_crossentropy"),
        )
    if flat and whole and labels.min() >= 0 and labels.max() < _MOST_CLASSES:
        classes = int(labels.max()) + 1
        absent = classes - len(values)
        return Head(
            task=f"{classes} classes, 0 to {classes - 1}" + (f", {absent} of them without examples" if absent else ""),
            units=classes,
            activation="softmax",
            loss="sparse_categorical_crossentropy",
            metrics=("accuracy",),
        )
    if not flat and labels.ndim == 2 and np.all((labels == 0) | (labels == 1)) and np.all(labels.sum(axis=1) == 1):
        return Head(
            task=f"{labels.shape[1]} classes in one-hot rows",
            units=labels.shape[1],
            activation="softmax",
            loss="categorical_crossentropy",
            metrics=("accuracy",),
        )
    return Head(
        task="numbers",
        units=1 if flat else int(labels.shape[-1]),
        activation=None,
        loss="mean_squared_error",
        metrics=("mean_absolute_error",),
    )
