"""From rows of a log to one row an epoch: steps are summarized, resumed epochs replaced, gaps kept as NaN."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from regulab.errors import InputError
from regulab.histories.history import History
from regulab.histories.metrics import is_share
from regulab.histories.readers.epoch_segments import Stretch, counted_on

#: What stands for a cell without a value, as NaN is a value that a loss can have.
#: Short, since it is written into large tables before they are parsed.
MISSING = -1e308

MAX_EPOCHS = 100_000
#: A shorter training shows no turn by its epochs, and the validations within them are taken instead. Three epochs are
#: what Hugging Face's Trainer trains for by default.
FEW_EPOCHS = 4
_MAX_STRETCHES = 2 * MAX_EPOCHS


def number(value: Any) -> float:
    """A number of a record, `MISSING` where there is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return MISSING
    try:
        return float(value)
    except (ValueError, OverflowError):
        return MISSING


def epochs_of_fractions(fractions: np.ndarray) -> np.ndarray:
    """The epoch of rows that count in fractions: 0.5 lies in the first, and 1.0 is its end."""
    epochs: np.ndarray = np.maximum(np.ceil(fractions - 1e-6) - 1, 0)
    return epochs


def epochs_of_validations(measured: np.ndarray) -> np.ndarray:
    """The epoch of rows of which each validation ends one: how many validations came before.

    Example:
        >>> epochs_of_validations(np.array([False, True, False, False, True])).tolist()
        [0.0, 0.0, 1.0, 1.0, 1.0]
    """
    before: np.ndarray = np.cumsum(measured) - measured
    return before.astype(np.float64)


class Epochs:
    """Takes a log's rows block by block, in the order in which they were written, in bounded memory.

    Args:
        measures: Name of each column.
        averaged: Measures whose mean stands for an epoch where it has several rows; of the others the
            last value does.
        where: What to call the log in an error.
        stepped: Whether the log counts steps, so that several rows of one epoch are its steps.

    Attributes:
        from_zero: Whether epochs are known to count from 0; else a log that begins with 1 counts from 1.

    Example:
        >>> epochs = Epochs(["loss"], where="log.csv")
        >>> epochs.add(np.array([0, 1, 1]), np.array([[0.6], [0.5], [0.4]]))
        >>> history = epochs.history("log.csv")
        >>> history.measures, history.notes
        ({'loss': (0.6, 0.4)}, ('Epoch 2 stands in the log more than once, as after a resumed training: ...',))
    """

    def __init__(
        self, measures: Sequence[str], *, averaged: Collection[str] = (), where: str, stepped: bool = False
    ) -> None:
        self.notes: list[str] = []
        self.from_zero = False
        self._measures = list(measures)
        self._averaged = np.array([measure in averaged for measure in measures], dtype=bool)
        self._where = where
        self._stepped = stepped
        self._stretches: list[Stretch] = []

    def add(self, epochs: np.ndarray, values: np.ndarray) -> None:
        """Add rows: the epoch of each, shape `(rows,)`, and its values, shape `(rows, measures)`.

        Raises:
            InputError: If there are more epochs than a training has.
        """
        kept = np.isfinite(epochs) & (epochs != MISSING)
        epochs, values = epochs[kept].astype(np.float64), values[kept]
        if not len(epochs):
            return
        starts = np.concatenate([[0], np.flatnonzero(np.diff(epochs)) + 1])
        if len(starts) + len(self._stretches) > _MAX_STRETCHES:
            raise _too_long(self._where)
        valid = values != MISSING
        with np.errstate(all="ignore"):
            sums = np.add.reduceat(np.where(valid, values, 0.0), starts)
        counts = np.add.reduceat(valid.astype(np.int64), starts)
        at = np.maximum.reduceat(np.where(valid, np.arange(len(values))[:, None], -1), starts)
        last = np.where(at >= 0, np.take_along_axis(values, np.maximum(at, 0), axis=0), MISSING)
        rows = np.diff(starts, append=len(epochs))
        found = [
            Stretch(float(epochs[start]), int(count), *parts)
            for start, count, *parts in zip(starts, rows, sums, counts, last, strict=True)
        ]
        if self._stretches and self._stretches[-1].epoch == found[0].epoch:
            self._stretches[-1] = self._stretches[-1].then(found.pop(0))
        self._stretches += found

    def history(self, name: str, *, notes: Sequence[str] = ()) -> History:
        """The history of one training.

        Args:
            name: What to call it.
            notes: What was told of the log before.

        Raises:
            InputError: If there is no epoch with a number.
        """
        rows = self._in_order()
        if rows and self._first(rows) == 1:
            self.notes.append("Epochs count from 1 in the log.")
        table = self._table(rows)
        if self._stepped:
            table = self._finished(table)
        return history(name, dict(zip(self._measures, table.T, strict=True)), [*notes, *self.notes], where=self._where)

    def _first(self, rows: Sequence[Stretch]) -> int:
        """The number that the first epoch has in the log."""
        return 1 if rows and rows[0].epoch == 1 and not self.from_zero else 0

    def _finished(self, table: np.ndarray) -> np.ndarray:
        """The epochs without a last one that lacks a loss whose turn had come: it was cut short, or only tested."""
        last = len(table) - 1
        for measure, loss in (("loss", "training"), ("val_loss", "validation")):
            if measure not in self._measures:
                continue
            measured = np.flatnonzero(table[:, self._measures.index(measure)] != MISSING)
            # Validation may run every k epochs only.
            gaps = np.diff(measured) if len(measured) > 1 else measured + 1
            if measured.size and measured[-1] + gaps.max() == last:
                self.notes.append(f"Left out epoch {last + 1}, the last: it has no {loss} loss.")
                return table[:last]
        return table

    def _in_order(self) -> list[Stretch]:
        """One stretch an epoch, ascending; of a resumed training the later one."""
        epochs = [stretch.epoch for stretch in self._stretches]
        if any(epoch < 0 for epoch in epochs):
            self.notes.append("Left out rows with an epoch below 0.")
        stretches = [stretch for stretch in self._stretches if stretch.epoch >= 0]
        if len(set(epochs)) == len(epochs):
            if epochs != sorted(epochs):
                self.notes.append("Sorted the rows by epoch.")
            return sorted(stretches, key=lambda stretch: stretch.epoch)
        if "loss" in self._measures:
            validation = self._measures.index("val_loss") if "val_loss" in self._measures else None
            stretches, after = counted_on(stretches, self._measures.index("loss"), validation)
            if after:
                shift = self._shift()
                what = counted([int(epoch) + shift for epoch in after])
                self.notes.append(
                    f"After {what[0].lower()}{what[1:]} the log counts from its first epoch again, while the losses "
                    "go on where they were, as where a model is fitted once more: counted on."
                )
        rows: list[Stretch] = []
        replaced: set[float] = set()
        dropped: set[float] = set()
        for stretch in stretches:
            at = len(rows)
            while at and rows[at - 1].epoch >= stretch.epoch:
                at -= 1
            same = rows[at] if at < len(rows) and rows[at].epoch == stretch.epoch else None
            if same is not None and not (same.counts * stretch.counts).any():
                rows[at] = same.then(stretch)  # another part of the same epoch, written late
                continue
            dropped |= {row.epoch for row in rows[at:]}
            if same is not None:
                replaced.add(stretch.epoch)
            rows[at:] = [stretch]
        kept = {row.epoch for row in rows}
        self._tell_repeated(sorted(replaced | (dropped & kept)), sorted(dropped - kept))
        return rows

    def _tell_repeated(self, repeated: Sequence[float], dropped: Sequence[float]) -> None:
        shift = self._shift()
        if repeated:
            what = counted([int(epoch) + shift for epoch in repeated])
            verb = "stands" if len(repeated) == 1 else "stand"
            self.notes.append(
                f"{what} {verb} in the log more than once, as after a resumed training: kept the later run."
            )
        if dropped:
            what = counted([int(epoch) + shift for epoch in dropped])
            self.notes.append(f"Left out {what[0].lower()}{what[1:]} of an earlier run, which the later did not reach.")

    def _shift(self) -> int:
        """What is to be added to an epoch of the log to count from 1."""
        return 1 if self.from_zero or min((row.epoch for row in self._stretches), default=0) < 1 else 0

    def _table(self, rows: Sequence[Stretch]) -> np.ndarray:
        if not rows:
            return np.full((0, len(self._measures)), MISSING)
        first = rows[0].epoch
        if rows[-1].epoch - first >= MAX_EPOCHS or rows[-1].epoch >= 2 * MAX_EPOCHS:
            raise _too_long(self._where)
        places = np.array([row.epoch for row in rows]) - self._first(rows)
        places = np.floor(places).astype(np.int64)
        several = sum(row.rows > 1 for row in rows)
        means = self._stepped or several * 2 > len(rows)
        last = np.stack([row.last for row in rows])
        counts = np.stack([row.counts for row in rows])
        if means:
            with np.errstate(all="ignore"):
                mean = np.stack([row.sums for row in rows]) / np.maximum(counts, 1)
            # Losses of steps too large for their sum stay what they are.
            mean = np.where(np.isfinite(last) & np.isinf(mean), last, mean)
            if (counts[:, self._averaged] > 1).any():
                self.notes.append(
                    "An epoch has several rows: took the mean of what was measured in training, else the last value."
                )
            last = np.where(self._averaged & (counts > 0), mean, last)
        elif several:
            repeated = [int(place) + 1 for place, row in zip(places, rows, strict=True) if row.rows > 1]
            parts = (counts > 1).any(axis=1)
            if parts.any():
                verb = "stands" if len(repeated) == 1 else "stand"
                self.notes.append(
                    f"{counted(repeated)} {verb} in the log more than once, as after a resumed training: "
                    "kept the later run."
                )
        table = np.full((int(places[-1]) + 1, len(self._measures)), MISSING)
        for place, row in zip(places, last, strict=True):
            table[place] = np.where(row == MISSING, table[place], row)
        absent = np.setdiff1d(np.arange(len(table)), places) + 1
        if len(absent):
            verb = "is" if len(absent) == 1 else "are"
            self.notes.append(f"{counted(absent.tolist())} {verb} missing in the log.")
        return table


def history(
    name: str, columns: Mapping[str, Sequence[float] | np.ndarray], notes: Sequence[str], *, where: str
) -> History:
    """A history from one value an epoch and measure; metrics in percent become shares.

    Args:
        name: What to call it.
        columns: The values of each measure, all of one length, `MISSING` or NaN where there is none.
        notes: What was repaired or left out.
        where: What to call the log in an error.

    Raises:
        InputError: If there is no epoch with a number.
    """
    arrays = {measure: np.asarray(values, dtype=np.float64) for measure, values in columns.items()}
    arrays = {measure: values for measure, values in arrays.items() if (values != MISSING).any()}
    if not arrays:
        raise InputError(f"Expected at least one epoch in {where}. Received: a log without a single value.")
    length = max(len(values) for values in arrays.values())
    if length > MAX_EPOCHS:
        raise _too_long(where)
    measures = {measure: np.where(values == MISSING, np.nan, values) for measure, values in arrays.items()}
    percent = sorted(
        {measure.removeprefix("val_") for measure, values in measures.items() if _percent(measure, values)}
    )
    for base in percent:
        for measure in (base, f"val_{base}"):
            if measure in measures:
                measures[measure] = measures[measure] / 100
    notes = [*notes, *(f"'{base}' is in percent in the log: divided by 100." for base in percent)]
    return History(
        name, 0, {measure: tuple(values.tolist()) for measure, values in measures.items()}, tuple(dict.fromkeys(notes))
    )


def _percent(measure: str, values: np.ndarray) -> bool:
    finite = values[np.isfinite(values)]
    return is_share(measure) and finite.size > 0 and 1.01 < finite.max() <= 100 and finite.min() >= 0


def counted(epochs: Sequence[int]) -> str:
    """Epochs counted from 1, as in 'Epochs 3 to 5 and 8'."""
    runs: list[list[int]] = []
    for epoch in epochs:
        if runs and epoch == runs[-1][-1] + 1:
            runs[-1] = [runs[-1][0], epoch]
        else:
            runs.append([epoch])
    parts = []
    for run in runs:
        parts += [f"{run[0]} to {run[-1]}"] if run[-1] > run[0] + 1 else [str(epoch) for epoch in run]
    if len(parts) > 4:
        parts = [*parts[:4], f"{len(parts) - 4} more"]
    text = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    return f"Epoch{'s' if len(epochs) > 1 else ''} {text}"


def _too_long(where: str) -> InputError:
    return InputError(
        f"Expected at most {MAX_EPOCHS:,} epochs in {where}. Received: more. "
        "If its rows are steps, add a column with the epoch of each."
    )
