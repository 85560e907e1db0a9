"""Neighbouring rows of one epoch, and where a log counts its epochs anew although the training goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np


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


def counted_on(stretches: Sequence[Stretch], loss: int) -> tuple[list[Stretch], list[float]]:
    """The stretches with their epochs counted on where a model was fitted once more, which begins at the first epoch.

    The training goes on where its loss begins near where it had ended: by less than half of what it had fallen. One
    that is made anew begins high again; its epochs are left as they are.

    Args:
        stretches: In the order of the log.
        loss: The column of the training loss.

    Returns:
        The stretches, and the epochs after which the log counts anew.

    Example:
        >>> def stretch(epoch, loss):
        ...     return Stretch(epoch, 1, np.array([loss]), np.array([1]), np.array([loss]))
        >>> log = [stretch(0, 0.7), stretch(1, 0.4), stretch(0, 0.35), stretch(1, 0.3)]
        >>> found, after = counted_on(log, 0)
        >>> [each.epoch for each in found], after
        ([0.0, 1.0, 2.0, 3.0], [1.0])
    """
    found: list[Stretch] = []
    after: list[float] = []
    offset = 0.0
    begin, end = None, None
    for stretch in stretches:
        value = float(stretch.last[loss]) if stretch.counts[loss] else None
        if found and value is not None and stretch.epoch == stretches[0].epoch and found[-1].epoch > stretch.epoch:
            goes_on = begin is not None and end is not None and abs(value - end) < (begin - end) / 2
            if goes_on:
                after.append(found[-1].epoch)
            offset = found[-1].epoch + 1 - stretch.epoch if goes_on else 0.0
            begin = begin if goes_on else value
        begin, end = (value if begin is None else begin), (end if value is None else value)
        found.append(replace(stretch, epoch=stretch.epoch + offset))
    return found, after
