"""One loss of a training, with what the checks compute from it: each of these once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from regulab.diagnosis.losses import clipped
from regulab.diagnosis.rise_test import Rise, rise
from regulab.diagnosis.trend import Trend, recent_gain, trend


@dataclass(frozen=True, eq=False)
class Curve:
    """The finite values of a loss.

    Attributes:
        epochs: The 0-based epochs that have one, shape `(values,)`.
        values: The loss after each of these epochs, shape `(values,)`.

    Example:
        >>> curve = finite_curve([0.6, float("nan"), 0.4, 0.5])
        >>> len(curve), curve.epochs.tolist(), curve.trend.low
        (3, [0, 2, 3], 0.4)
    """

    epochs: np.ndarray
    values: np.ndarray

    def __len__(self) -> int:
        return len(self.values)

    @cached_property
    def trend(self) -> Trend:
        """Its noise, its lowest level and its level at the end; needs a value."""
        return trend(self.values)

    @cached_property
    def rise(self) -> Rise:
        """Whether it rises after its lowest point; needs a value."""
        return rise(self.values)

    @cached_property
    def recent_gain(self) -> float:
        """By which share of its level it still fell in the last fifth of its values."""
        return recent_gain(self.values, noise=self.trend.noise) if len(self) else 0.0


def finite_curve(values: object) -> Curve:
    """The finite ones among the values after every epoch."""
    floats = clipped(values)
    epochs = np.flatnonzero(np.isfinite(floats))
    return Curve(epochs, floats[epochs])
