"""Which epoch each row of a log belongs to."""

from __future__ import annotations

from enum import Enum

import numpy as np

from regulab.histories.readers.column_names import Naming
from regulab.histories.readers.epoch_table import EpochTable
from regulab.histories.readers.number_block import NumberBlock

#: A shorter training shows no turn by its epochs, and the validations within them are taken instead. Three epochs are
#: what Hugging Face's Trainer trains for by default.
FEW_EPOCHS = 4
# Where so large a share of the rows holds a validation loss, these are not single steps between validations.
_MOSTLY_VALIDATED = 0.9


class _Counting(Enum):
    """What tells the epoch of a row."""

    BY_NUMBER = "its number"
    BY_FRACTION = "its number, in fractions of an epoch"
    BY_VALIDATION = "each validation ends one"
    BY_ROW = "each row is one"


class EpochAssignment:
    """Gives every row of a log its epoch.

    Args:
        naming: Which column holds which measure.
        where: What to call the log in an error.

    Attributes:
        table: The rows by epoch.
        notes: How the epochs were counted, where the log does not say.
    """

    def __init__(self, naming: Naming, *, where: str) -> None:
        self.table = EpochTable(
            list(naming.columns), averaged=naming.averaged, where=where, stepped=naming.step is not None
        )
        self.notes: list[str] = []
        self._naming = naming
        self._width = len(naming.columns)
        self._validation = list(naming.columns).index("val_loss") if "val_loss" in naming.columns else None
        self._counting: _Counting | None = None
        self._counted = 0  # epochs of the blocks before, where rows or validations are counted

    def add(self, block: NumberBlock) -> None:
        """Take in rows: the measures of the naming and, where it has one, the epoch in the last column."""
        if self._counting is None:
            self._counting = self._choose(block)
            self.table.counts_from_zero = self._counting is _Counting.BY_FRACTION
        self.table.add(self._epochs(block), block.first_columns(self._width))

    def _epochs(self, block: NumberBlock) -> np.ndarray:
        if self._counting is _Counting.BY_NUMBER:
            return block.values[:, self._width]
        if self._counting is _Counting.BY_FRACTION:
            fractions = block.values[:, self._width]
            # What is below 0 is left out later.
            return np.where(fractions < 0, fractions, epochs_of_fractions(fractions))
        if self._counting is _Counting.BY_VALIDATION:
            validated = block.valid[:, self._validation]
            epochs = self._counted + epochs_of_validations(validated)
            self._counted += int(validated.sum())
            return epochs
        epochs = np.arange(self._counted, self._counted + len(block), dtype=np.float64)
        self._counted += len(block)
        return epochs

    def _choose(self, block: NumberBlock) -> _Counting:
        """How to count epochs, from the first rows."""
        if self._naming.epoch is not None:
            epochs = block.values[:, self._width]
            epochs = epochs[np.isfinite(epochs)]
            if self._is_one_epoch_at_a_time(epochs, block):
                self.notes.append(
                    "Every row has the same epoch, as where a model is fitted for one epoch at a time: "
                    "each row counts as one epoch."
                )
                return _Counting.BY_ROW
            if len(epochs):
                whole = bool((epochs == np.floor(epochs)).all())
                return _Counting.BY_NUMBER if whole else _Counting.BY_FRACTION
            if len(block):
                self.notes.append("The column with the epoch holds no number: each row counts as one epoch.")
        if self._naming.step is not None and self._validation is not None:
            validated = block.valid[:, self._validation]
            if validated.any() and validated.mean() < _MOSTLY_VALIDATED:
                self.notes.append("There is no column with the epoch: each validation counts as the end of one.")
                return _Counting.BY_VALIDATION
        if self._naming.step is not None:
            self.notes.append("There is no column with the epoch: each row counts as one epoch.")
        return _Counting.BY_ROW

    def _is_one_epoch_at_a_time(self, epochs: np.ndarray, block: NumberBlock) -> bool:
        """Whether each row is an epoch although all have one number: `fit` counts from the first whenever it is called.

        Rows of steps have no validation each, or count the steps.
        """
        return (
            len(epochs) >= FEW_EPOCHS
            and bool((epochs == epochs[0]).all())
            and self._naming.step is None
            and self._validation is not None
            and bool(block.valid[:, self._validation].all())
        )


def epochs_of_fractions(fractions: np.ndarray) -> np.ndarray:
    """The epoch of rows that count in fractions: 0.5 lies in the first, and 1.0 is its end.

    Example:
        >>> epochs_of_fractions(np.array([0.5, 1.0, 1.5])).tolist()
        [0.0, 0.0, 1.0]
    """
    epochs: np.ndarray = np.maximum(np.ceil(fractions - 1e-6) - 1, 0)
    return epochs


def epochs_of_validations(validated: np.ndarray) -> np.ndarray:
    """The epoch of rows of which each validation ends one: how many validations came before.

    Example:
        >>> epochs_of_validations(np.array([False, True, False, False, True])).tolist()
        [0.0, 0.0, 1.0, 1.0, 1.0]
    """
    before: np.ndarray = np.cumsum(validated) - validated
    return before.astype(np.float64)
