"""One variant's line over its seeds: the mean and the band between the lowest and the highest seed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

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

    @cached_property
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
    table = np.asarray(table, dtype=float)
    finite = np.isfinite(table)
    seeds = finite.sum(axis=0)
    mean = np.where(finite, table, 0.0).sum(axis=0) / np.maximum(seeds, 1)
    low, high = np.where(finite, table, np.inf).min(axis=0), np.where(finite, table, -np.inf).max(axis=0)
    return Line(*(_with_gaps(values, seeds) for values in (mean, low, high)))


def _with_gaps(values: np.ndarray, seeds: np.ndarray) -> tuple[float, ...]:
    """The values where there is a seed."""
    # math.nan itself, so that equal records compare equal: tuples compare by identity first.
    return tuple(value if count else math.nan for value, count in zip(values.tolist(), seeds.tolist(), strict=True))
