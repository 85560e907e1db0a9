"""Made-up histories in the shape of the course's curves."""

from __future__ import annotations

import math

import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from regulab.histories.history import Histories, History

EPOCHS = 20
#: Best epoch (0-based), best and last validation loss, last training loss, penalty at the end.
SHAPES = {
    "baseline": (2, 0.287, 0.762, 0.003, 0.0),
    "smaller": (5, 0.283, 0.480, 0.052, 0.0),
    "bigger": (0, 0.291, 0.924, 0.0001, 0.0),
    "l2": (2, 0.284, 0.474, 0.069, 0.09),
    "dropout": (3, 0.275, 0.580, 0.065, 0.0),
    "l2+dropout": (4, 0.277, 0.390, 0.120, 0.08),
}
PARAMETERS = {
    "baseline": 160_305,
    "smaller": 40_029,
    "bigger": 5_383_681,
    "l2": 160_305,
    "dropout": 160_305,
    "l2+dropout": 160_305,
}


def member(variant: str, seed: int) -> History:
    """One member; seeds differ by a few percent, as trained ones do."""
    best, low, last, train_last, penalty = SHAPES[variant]
    validation, training = [], []
    for epoch in range(EPOCHS):
        wave = 1 + 0.02 * math.sin(5 * seed + epoch) + 0.03 * (seed - 1) * epoch / EPOCHS
        if epoch <= best:
            value = low + (0.58 - low) * ((best - epoch) / (best + 1)) ** 1.5
        else:
            value = low + (last - low) * ((epoch - best) / (EPOCHS - 1 - best)) ** 0.9
        validation.append(value * wave)
        training.append((train_last + (0.5 - train_last) * math.exp(-epoch / (1 + best / 2))) * wave)
    data_loss = tuple(validation)
    return History(
        variant,
        seed,
        {
            "loss": tuple(value + penalty for value in training),
            "val_loss": tuple(value + penalty for value in data_loss),
            "train_data_loss": tuple(training),
            "val_data_loss": data_loss,
        },
    )


@pytest.fixture
def course() -> Histories:
    """The course's six variants, three seeds each."""
    return Histories(tuple(member(name, seed) for name in SHAPES for seed in range(3)))


@pytest.fixture
def parameters() -> dict[str, int]:
    """Parameter counts of the course's variants."""
    return dict(PARAMETERS)


@pytest.fixture
def ax() -> Axes:
    """Axes that pyplot does not know of."""
    return Figure().add_subplot()
