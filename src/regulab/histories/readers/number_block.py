"""The numbers in some rows of a log, and which of them are there at all."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class NumberBlock:
    """The numbers in some rows of a log.

    Attributes:
        values: Shape `(rows, columns)`; NaN where there is no number.
        valid: Shape `(rows, columns)`; False where there is no number. NaN itself is a value that a loss can have.

    Example:
        >>> block = NumberBlock.of([[0.5, None], [math.nan, 0.25]])
        >>> block.valid.tolist()
        [[True, False], [True, True]]
    """

    values: np.ndarray
    valid: np.ndarray

    @classmethod
    def of(cls, rows: Sequence[Sequence[float | None]]) -> NumberBlock:
        """A block of numbers, None where there is none; at least one row."""
        valid = np.array([[value is not None for value in row] for row in rows], dtype=bool)
        values = np.array([[math.nan if value is None else value for value in row] for row in rows], dtype=np.float64)
        return cls(values, valid)

    @classmethod
    def of_columns(cls, columns: Iterable[Iterable[float | None]], *, shape: tuple[int, int]) -> NumberBlock:
        """The same from columns, of which no more than one at a time is in memory as a list.

        Args:
            columns: The numbers of each column, None where there is none.
            shape: The number of rows and of columns.
        """
        block = cls(np.full(shape, math.nan), np.zeros(shape, dtype=bool))
        for index, column in enumerate(columns):
            numbers = list(column)
            block.valid[:, index] = [number is not None for number in numbers]
            block.values[:, index] = [math.nan if number is None else number for number in numbers]
        return block

    @classmethod
    def joined(cls, blocks: Sequence[NumberBlock]) -> NumberBlock:
        """The rows of several blocks, one after the other; at least one block."""
        return cls(
            np.concatenate([block.values for block in blocks]), np.concatenate([block.valid for block in blocks])
        )

    def __len__(self) -> int:
        return len(self.values)

    def rows(self, chosen: np.ndarray) -> NumberBlock:
        """Some of the rows, by a mask or by their indices."""
        return NumberBlock(self.values[chosen], self.valid[chosen])

    def first_columns(self, count: int) -> NumberBlock:
        """So many of the columns, from the left."""
        return NumberBlock(self.values[:, :count], self.valid[:, :count])
