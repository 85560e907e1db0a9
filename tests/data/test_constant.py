from __future__ import annotations

import math

import numpy as np
import pytest

from regulab.data.constant import constant_losses
from regulab.data.dataset import Dataset, Split


def data(train: list[object], other: list[object]) -> Dataset:
    x = np.zeros((4, 1))
    splits = [Split(x[: len(y)], np.array(y)) for y in (train, other, other)]
    return Dataset(name="made", train=splits[0], validation=splits[1], test=splits[2])


@pytest.mark.parametrize(
    ("loss", "train", "other", "expected"),
    [
        ("binary_crossentropy", [0, 1, 1, 1], [1, 1, 0, 0], -(math.log(0.75) + math.log(0.25)) / 2),
        ("binary_crossentropy", [[0], [1], [1], [1]], [[1], [0]], -(math.log(0.75) + math.log(0.25)) / 2),
        ("sparse_categorical_crossentropy", [0, 2, 2, 2], [2, 0], -(math.log(0.75) + math.log(0.25)) / 2),
        # A class that training lacks.
        ("sparse_categorical_crossentropy", [0, 0, 0, 0], [1], -math.log(1e-7)),
        ("categorical_crossentropy", [[1, 0], [0, 1]], [[1, 0], [1, 0]], math.log(2)),
        ("mean_squared_error", [0.0, 2.0], [1.0, 3.0], 2.0),
        ("mean_absolute_error", [0.0, 1.0, 100.0], [1.0, 3.0], 1.0),
    ],
)
def test_the_constant_comes_from_training_labels_and_is_measured_on_others(
    loss: str, train: list[object], other: list[object], expected: float
) -> None:
    assert constant_losses(data(train, other), loss) == pytest.approx({"validation": expected, "test": expected})


@pytest.mark.parametrize(
    ("loss", "labels"),
    [
        ("hinge", [0, 1]),
        ("mean_squared_error", [[[0.0]], [[1.0]]]),
        ("sparse_categorical_crossentropy", [[0, 1], [1, 0]]),
    ],
)
def test_other_losses_and_sequences_have_no_constant(loss: str, labels: list[object]) -> None:
    assert constant_losses(data(labels, labels), loss) is None
