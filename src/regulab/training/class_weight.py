"""Checks of class weights, since Keras accepts any without a warning."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from regulab.data.dataset import Dataset, Split
from regulab.errors import InputError
from regulab.training.batches import example_weights

_ROUNDING = 1e-3  # of rows of shares that add up to 1


def class_weights(value: Any) -> dict[int, float] | None:
    """The weight of each class by its number, or None.

    Raises:
        InputError: If it is no mapping of class numbers to finite weights of at least 0.

    Example:
        >>> class_weights({0: 1, 1: 2.5})
        {0: 1.0, 1: 2.5}
    """
    if value is None:
        return None
    classes: list[Any] = list(value) if isinstance(value, Mapping) else []
    weights: list[Any] = list(value.values()) if isinstance(value, Mapping) else []
    numbers = all(isinstance(label, (int, np.integer)) and label >= 0 for label in classes) and all(
        isinstance(weight, (int, float, np.integer, np.floating)) and 0 <= weight < math.inf for weight in weights
    )
    if not classes or not numbers:
        raise InputError(
            "Expected `class_weight` as a mapping from class numbers to weights of at least 0. "
            f"Received: class_weight={value!r}. Use for example {{0: 1.0, 1: 2.5}}."
        )
    return {int(label): float(weight) for label, weight in zip(classes, weights, strict=True)}


def check_weighted(data: Dataset, weights: Mapping[int, float] | None) -> None:
    """Refuse class weights if the training labels come as a stream, are not classes, or lack a class that has a weight.

    Raises:
        InputError: If the weights do not fit the labels, or if no training example would count.
    """
    if weights is None:
        return
    if not isinstance(data.train, Split):
        raise InputError(
            "Expected arrays with class_weight. Received: a stream of batches. "
            "Let the stream yield (x, y, sample_weight), with the weight of each example's class."
        )
    labels = data.train.y
    if labels.size != len(labels):
        _check_one_hot(labels)
        known = set(range(labels.shape[1]))
    elif (fractions := labels[labels % 1 != 0]).size:
        raise InputError(
            "Expected class numbers as labels with class_weight. "
            f"Received: labels such as {fractions.flat[0]:g}. Give weights by example instead, as `sample_weight`."
        )
    else:
        # A rare class may be missing in one split.
        known = {int(label) for _, split in data.splits() if isinstance(split, Split) for label in np.unique(split.y)}
    # Keras ignores them, and the classes that were intended get no weight.
    if unknown := sorted(set(weights) - known):
        raise InputError(
            f"Expected `class_weight` for classes that the labels have, which go from {min(known)} to {max(known)}. "
            f"Received: a weight for class {unknown[0]}, which no label has. "
            "Leave it out, or use the numbers of the labels."
        )
    by_example = example_weights(labels, weights)
    if data.train.sample_weight is not None:
        by_example = by_example * data.train.sample_weight.reshape(-1)
    if not by_example.any():
        raise InputError(
            "Expected at least one training example with a weight above 0. "
            f"Received: class_weight={dict(weights)!r}, with which no example counts. "
            "Use a weight above 0 for a class that occurs."
        )


def _check_one_hot(labels: np.ndarray) -> None:
    """Refuse labels of which Keras would take the largest column for the class, though they have no one class."""
    if labels.ndim == 2:
        off = (labels < 0).any(axis=1) | (np.abs(labels.sum(axis=1) - 1) > _ROUNDING)
        if not off.any():
            return
        received = f"rows such as {labels[off.argmax()].tolist()}"
    else:
        received = f"{labels[0].size} labels per example"
    raise InputError(
        "Expected one class per example with class_weight, as a number or a one-hot row. "
        f"Received: {received}. Give weights by example instead, as `sample_weight`."
    )
