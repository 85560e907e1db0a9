"""Neighbouring rows of one epoch, and where a log counts its epochs anew although the training goes on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

# A validation loss that hardly changed yet may well change by this share of its level in an epoch.
_STEADY = 0.1


@dataclass(frozen=True)
class Stretch:
    """Neighbouring rows of one epoch.

    Attributes:
        epoch: As the log counts it.
        rows: How many.
        sums: Of each column, shape `(columns,)`.
        counts: How many values each column has.
        last: The last value of each column.
    """

    epoch: float
    rows: int
    sums: np.ndarray
    counts: np.ndarray
    last: np.ndarray

    def then(self, later: Stretch) -> Stretch:
        """This and what comes after it, as one."""
        return Stretch(
            self.epoch,
            self.rows + later.rows,
            self.sums + later.sums,
            self.counts + later.counts,
            np.where(later.counts > 0, later.last, self.last),
        )


def counted_on(stretches: Sequence[Stretch], loss: int, val_loss: int | None) -> tuple[list[Stretch], list[float]]:
    """The stretches with their epochs counted on where a model was fitted once more, which begins at the first epoch.

    The training goes on where both losses begin near where they had ended. One that is made anew begins high again, and
    other data or another loss show in the validation loss; its epochs are left as they are.

    Args:
        stretches: In the order of the log.
        loss: The column of the training loss.
        val_loss: The column of the validation loss, or None.

    Returns:
        The stretches, and the epochs after which the log counts anew.

    Example:
        >>> def stretch(epoch, loss):
        ...     return Stretch(epoch, 1, np.array([loss]), np.array([1]), np.array([loss]))
        >>> log = [stretch(0, 0.7), stretch(1, 0.4), stretch(0, 0.35), stretch(1, 0.3)]
        >>> found, after = counted_on(log, 0, None)
        >>> [each.epoch for each in found], after
        ([0.0, 1.0, 2.0, 3.0], [1.0])
    """
    found: list[Stretch] = []
    after: list[float] = []
    offset = 0.0
    training, validation = _Course(), _Course()
    for stretch in stretches:
        value, measured = _value(stretch, loss), _value(stretch, val_loss)
        if found and value is not None and stretch.epoch == stretches[0].epoch and found[-1].epoch > stretch.epoch:
            if training.falls_on(value) and (measured is None or validation.stays_near(measured)):
                after.append(found[-1].epoch)
                offset = found[-1].epoch + 1 - stretch.epoch
            else:
                offset, training, validation = 0.0, _Course(), _Course()
        if value is not None:
            training.add(value)
        if measured is not None and math.isfinite(measured):
            validation.add(measured)
        found.append(replace(stretch, epoch=stretch.epoch + offset))
    return found, after


def _value(stretch: Stretch, column: int | None) -> float | None:
    return None if column is None or not stretch.counts[column] else float(stretch.last[column])


@dataclass
class _Course:
    """How a loss went so far."""

    values: int = 0
    first: float = math.nan
    second: float = math.inf
    end: float = math.nan
    low: float = math.inf
    high: float = -math.inf

    def add(self, value: float) -> None:
        self.first = value if self.values == 0 else self.first
        self.second = value if self.values == 1 else self.second
        self.values += 1
        self.end, self.low, self.high = value, min(self.low, value), max(self.high, value)

    @property
    def _next(self) -> float:
        """By which share of its change so far it may fall in an epoch: half, in short fits one and a half of a step."""
        return max(0.5, 1.5 / max(self.values - 1, 1))

    def falls_on(self, value: float) -> bool:
        """Whether a training loss goes on near its end: not up by half of its fall, nor down by much more than before.

        A model that is made anew begins above its second epoch; after a huge first one, half of the fall says nothing.
        """
        if not all(map(math.isfinite, (self.first, self.end, value))):
            return False
        fall = self.first - self.end
        return -fall * self._next < value - self.end < fall / 2 and (self.values < 3 or value <= self.second)

    def stays_near(self, value: float) -> bool:
        """Whether a validation loss lies near its low, as where best weights were restored, or near its end.

        Up may be farther than down: it may overfit by now.
        """
        if not (self.values and math.isfinite(value)):
            return True
        change = max(self.high - self.low, _STEADY * abs(self.end))
        return self.low - change * self._next < value < self.end + 2 * change * self._next
