"""Where a log counts its epochs from the first again although the training goes on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from regulab.histories.readers.epoch_segments import EpochSegment

# A validation loss that hardly changed yet may well change by this share of its level in an epoch.
_STEADY = 0.1


def count_on(
    segments: Sequence[EpochSegment], loss: int, val_loss: int | None
) -> tuple[list[EpochSegment], list[float]]:
    """Count epochs on where a model was fitted once more, which begins at the first epoch.

    The training goes on where both losses begin near where they had ended. One that is made anew begins high again, and
    other data or another loss show in the validation loss; its epochs are left as they are.

    Args:
        segments: In the order of the log.
        loss: The column of the training loss.
        val_loss: The column of the validation loss, or None.

    Returns:
        The segments with their epochs counted on, and the epochs after which the log counts from the first again.

    Example:
        >>> import numpy as np
        >>> def segment(epoch, loss):
        ...     return EpochSegment(epoch, 1, np.array([loss]), np.array([1]), np.array([loss]))
        >>> log = [segment(0, 0.7), segment(1, 0.4), segment(0, 0.35), segment(1, 0.3)]
        >>> counted, refitted_after = count_on(log, 0, None)
        >>> [segment.epoch for segment in counted], refitted_after
        ([0.0, 1.0, 2.0, 3.0], [1.0])
    """
    counted: list[EpochSegment] = []
    refitted_after: list[float] = []
    offset = 0.0
    training, validation = _LossSoFar(), _LossSoFar()
    for segment in segments:
        value, measured = segment.last_value(loss), segment.last_value(val_loss)
        if counted and value is not None and segment.epoch == segments[0].epoch and counted[-1].epoch > segment.epoch:
            if training.falls_on(value) and (measured is None or validation.stays_near(measured)):
                refitted_after.append(counted[-1].epoch)
                offset = counted[-1].epoch + 1 - segment.epoch
            else:
                offset, training, validation = 0.0, _LossSoFar(), _LossSoFar()
        if value is not None:
            training.add(value)
        if measured is not None and math.isfinite(measured):
            validation.add(measured)
        counted.append(replace(segment, epoch=segment.epoch + offset))
    return counted, refitted_after


@dataclass
class _LossSoFar:
    """What a loss did so far."""

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
