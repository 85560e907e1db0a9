"""Which epoch each row of a table belongs to."""

from __future__ import annotations

import numpy as np

from regulab.histories.readers.column_names import Naming
from regulab.histories.readers.epochs import (
    FEW_EPOCHS,
    MISSING,
    Epochs,
    epochs_of_fractions,
    epochs_of_validations,
)


class Rows:
    """Gives every row its epoch."""

    def __init__(self, naming: Naming, *, where: str) -> None:
        self.epochs = Epochs(
            list(naming.columns), averaged=naming.averaged, where=where, stepped=naming.step is not None
        )
        self.notes: list[str] = []
        self._naming = naming
        self._rows = 0
        self._mode: str | None = None
        self._validation = list(naming.columns).index("val_loss") if "val_loss" in naming.columns else None

    def add(self, block: np.ndarray) -> None:
        """Take in rows, shape `(rows, columns)`: the measures of the naming and, where there is one, the epoch."""
        width = len(self._naming.columns)
        values = block[:, :width]
        if self._mode is None:
            self._choose(block)
        if self._mode == "epoch":
            epochs = block[:, width]
        elif self._mode == "fraction":
            # What is below 0, as MISSING is, is left out later.
            told = block[:, width]
            epochs = np.where(told < 0, told, epochs_of_fractions(told))
        elif self._mode == "evaluation" and self._validation is not None:
            measured = values[:, self._validation] != MISSING
            epochs = self._rows + epochs_of_validations(measured)
            self._rows += int(measured.sum())
        else:
            epochs = np.arange(self._rows, self._rows + len(block), dtype=np.float64)
            self._rows += len(block)
        self.epochs.add(epochs, values)

    def _choose(self, block: np.ndarray) -> None:
        width = len(self._naming.columns)
        if self._naming.epoch is not None:
            epochs = block[:, width]
            finite = epochs[np.isfinite(epochs) & (epochs != MISSING)]
            if self._one_at_a_time(finite, block):
                self._mode = "row"
                self.notes.append(
                    "Every row has the same epoch, as where a model is fitted for one epoch at a time: "
                    "each row counts as one epoch."
                )
                return
            if len(finite):
                self._mode = "epoch" if (finite == np.floor(finite)).all() else "fraction"
                self.epochs.from_zero = self._mode == "fraction"
                return
            if len(block):
                self.notes.append("The column with the epoch holds no number: each row counts as one epoch.")
        if self._naming.step is not None and self._validation is not None:
            measured = block[:, self._validation] != MISSING
            if measured.any() and measured.mean() < 0.9:
                self._mode = "evaluation"
                self.notes.append("There is no column with the epoch: each validation counts as the end of one.")
                return
        self._mode = "row"
        if self._naming.step is not None:
            self.notes.append("There is no column with the epoch: each row counts as one epoch.")

    def _one_at_a_time(self, epochs: np.ndarray, block: np.ndarray) -> bool:
        """Whether each row is an epoch although all have one number: `fit` counts from the first whenever it is called.

        Rows of steps have no validation each, or count the steps.
        """
        return (
            len(epochs) >= FEW_EPOCHS
            and bool((epochs == epochs[0]).all())
            and self._naming.step is None
            and self._validation is not None
            and bool((block[:, self._validation] != MISSING).all())
        )
