"""Neighbouring rows of one epoch, summed up, so that a log of any length needs little memory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from regulab.histories.readers.number_block import NumberBlock


@dataclass(frozen=True, slots=True)
class EpochSegment:
    """Neighbouring rows of one epoch.

    Attributes:
        epoch: As the log counts it.
        rows: How many.
        sums: Of each column, shape `(columns,)`.
        counts: How many values each column has.
        last: The last value of each column; NaN where it has none.
    """

    epoch: float
    rows: int
    sums: np.ndarray
    counts: np.ndarray
    last: np.ndarray

    def joined(self, later: EpochSegment) -> EpochSegment:
        """This and what comes after it, as one."""
        return EpochSegment(
            self.epoch,
            self.rows + later.rows,
            self.sums + later.sums,
            self.counts + later.counts,
            np.where(later.counts > 0, later.last, self.last),
        )

    def last_value(self, column: int | None) -> float | None:
        """The last value of a column, or None where it has none or there is no such column."""
        return None if column is None or not self.counts[column] else float(self.last[column])


def segments(epochs: np.ndarray, block: NumberBlock) -> list[EpochSegment]:
    """The segments of some rows.

    Args:
        epochs: Of each row, shape `(rows,)`; at least one.
        block: The values.

    Example:
        >>> block = NumberBlock.of([[0.5], [0.25], [0.125]])
        >>> [(segment.epoch, segment.rows) for segment in segments(np.array([0, 1, 1]), block)]
        [(0.0, 1), (1.0, 2)]
    """
    starts = segment_starts(epochs)
    with np.errstate(all="ignore"):
        sums = np.add.reduceat(np.where(block.valid, block.values, 0.0), starts)
    counts = np.add.reduceat(block.valid.astype(np.int64), starts)
    last_rows = np.maximum.reduceat(np.where(block.valid, np.arange(len(block))[:, None], -1), starts)
    last = np.where(last_rows >= 0, np.take_along_axis(block.values, np.maximum(last_rows, 0), axis=0), np.nan)
    rows = np.diff(starts, append=len(epochs))
    return [
        EpochSegment(float(epochs[start]), int(count), *parts)
        for start, count, *parts in zip(starts, rows, sums, counts, last, strict=True)
    ]


def segment_starts(epochs: np.ndarray) -> np.ndarray:
    """The index of the first row of each segment."""
    return np.concatenate([[0], np.flatnonzero(np.diff(epochs)) + 1])
