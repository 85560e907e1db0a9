"""One variant's line over its seeds: the mean and the band between the lowest and the highest seed."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Line:
    """A mean and its range over seeds, point by point; NaN where no seed has a finite value.

    The band is the range and not the standard deviation: a study has few seeds, and of three
    values the lowest and the highest say more than an estimate of their spread.

    Attributes:
        mean: Mean over the seeds that have a finite value there.
        low: The lowest seed.
        high: The highest seed.
    """

    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]

    @property
    def points(self) -> tuple[int, ...]:
        """Where the line has a value."""
        return tuple(point for point, value in enumerate(self.mean) if math.isfinite(value))


@dataclass(frozen=True)
class Curve:
    """One variant's curves.

    Attributes:
        variant: Its name.
        palette_index: Its index in the palette, 0 for the baseline.
        seeds: How many seeds it was trained with.
        training: The training curve, or None where there is none.
        validation: The validation curve, or None where there is none.
        best_epoch: The 0-based epoch at which the mean validation curve is best, or None.
    """

    variant: str
    palette_index: int
    seeds: int
    training: Line | None
    validation: Line | None
    best_epoch: int | None

    @property
    def lines(self) -> tuple[Line, ...]:
        """The curves that exist."""
        return tuple(line for line in (self.training, self.validation) if line is not None)

    @property
    def highest(self) -> float:
        """The highest mean value, NaN where there are no curves."""
        return max((line.mean[point] for line in self.lines for point in line.points), default=math.nan)

    @property
    def highest_until_best(self) -> float:
        """The highest mean value up to the best epoch, 0 where there is none."""
        last = -1 if self.best_epoch is None else self.best_epoch
        return max((line.mean[point] for line in self.lines for point in line.points if point <= last), default=0.0)


def line_over_seeds(table: np.ndarray) -> Line:
    """Mean and range over the rows of a table.

    Args:
        table: Shape `(seeds, points)`; what is not finite is left out.

    Example:
        >>> line_over_seeds(np.array([[1.0, 4.0], [3.0, np.nan]]))
        Line(mean=(2.0, 4.0), low=(1.0, 4.0), high=(3.0, 4.0))
    """
    mean, low, high = [], [], []
    for column in np.asarray(table, dtype=float).T:
        finite = column[np.isfinite(column)]
        # math.nan itself, so that equal records compare equal: tuples compare by identity first.
        mean.append(float(finite.mean()) if finite.size else math.nan)
        low.append(float(finite.min()) if finite.size else math.nan)
        high.append(float(finite.max()) if finite.size else math.nan)
    return Line(tuple(mean), tuple(low), tuple(high))
