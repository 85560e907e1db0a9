"""From the rows of a log to one row per epoch: steps are summed up, resumed epochs replaced, gaps kept as NaN."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from regulab.histories.history import History
from regulab.histories.readers.epoch_order import in_order
from regulab.histories.readers.epoch_phrases import name_epochs
from regulab.histories.readers.epoch_segments import EpochSegment, segment_starts, segments
from regulab.histories.readers.number_block import NumberBlock
from regulab.histories.readers.tidy_history import MAX_EPOCHS, check_gaps, tidy_measures, too_long

#: More segments than this are not epochs but steps.
MAX_SEGMENTS = 2 * MAX_EPOCHS


class EpochTable:
    """Takes a log's rows block by block, in the order in which they were written, in bounded memory.

    Args:
        measures: Name of each column.
        averaged: Measures whose mean stands for an epoch where it has several rows; of the others the
            last value does.
        where: What to call the log in an error.
        stepped: Whether the log counts steps, so that several rows of one epoch are its steps.

    Attributes:
        counts_from_zero: Whether epochs are known to count from 0; else a log that begins with 1 counts from 1.

    Example:
        >>> table = EpochTable(["loss"], where="log.csv")
        >>> table.add(np.array([0, 1, 1]), NumberBlock.of([[0.6], [0.5], [0.4]]))
        >>> history = table.history("log.csv")
        >>> history.measures, history.notes
        ({'loss': (0.6, 0.4)}, ('Epoch 2 stands in the log more than once, as after a resumed training: ...',))
    """

    def __init__(
        self, measures: Sequence[str], *, averaged: Collection[str] = (), where: str, stepped: bool = False
    ) -> None:
        self.counts_from_zero = False
        self._measures = list(measures)
        self._averaged = np.array([measure in averaged for measure in measures], dtype=bool)
        self._where = where
        self._stepped = stepped
        self._segments: list[EpochSegment] = []

    def add(self, epochs: np.ndarray, block: NumberBlock) -> None:
        """Add rows.

        Args:
            epochs: The epoch of each, shape `(rows,)`; rows without a finite one are left out.
            block: Their values, a column per measure.

        Raises:
            InputError: If there are more epochs than a training has.
        """
        kept = np.isfinite(epochs)
        epochs, block = epochs[kept].astype(np.float64), block.rows(kept)
        if not len(epochs):
            return
        if len(segment_starts(epochs)) + len(self._segments) > MAX_SEGMENTS:
            raise too_long(self._where)
        first, *others = segments(epochs, block)
        if self._segments and self._segments[-1].epoch == first.epoch:
            self._segments[-1] = self._segments[-1].joined(first)
        else:
            self._segments.append(first)
        self._segments += others

    def history(self, name: str, *, notes: Sequence[str] = ()) -> History:
        """The history of one training.

        Args:
            name: What to call it.
            notes: What was already said of the log.

        Raises:
            InputError: If there is no epoch with a number.
        """
        ordered, own_notes = in_order(
            self._segments,
            loss=self._column("loss"),
            val_loss=self._column("val_loss"),
            counts_from_zero=self.counts_from_zero,
        )
        if self._first_epoch(ordered) == 1:
            own_notes.append("Epochs count from 1 in the log.")
        table = self._one_row_per_epoch(ordered, own_notes)
        if self._stepped:
            table = self._without_unfinished_epoch(table, own_notes)
        measures = {
            measure: np.where(valid, values, np.nan)
            for measure, values, valid in zip(self._measures, table.values.T, table.valid.T, strict=True)
            if valid.any()
        }
        return tidy_measures(name, measures, [*notes, *own_notes], where=self._where)

    def _column(self, measure: str) -> int | None:
        return self._measures.index(measure) if measure in self._measures else None

    def _first_epoch(self, ordered: Sequence[EpochSegment]) -> int:
        """The number that the first epoch has in the log."""
        return 1 if ordered and ordered[0].epoch == 1 and not self.counts_from_zero else 0

    def _one_row_per_epoch(self, ordered: Sequence[EpochSegment], notes: list[str]) -> NumberBlock:
        width = len(self._measures)
        if not ordered:
            return NumberBlock(np.full((0, width), np.nan), np.zeros((0, width), dtype=bool))
        if ordered[-1].epoch - ordered[0].epoch >= MAX_EPOCHS or ordered[-1].epoch >= 2 * MAX_EPOCHS:
            raise too_long(self._where)
        check_gaps((ordered[-1].epoch - len(ordered)) * width, where=self._where)
        indices = np.floor(np.array([segment.epoch for segment in ordered]) - self._first_epoch(ordered))
        indices = indices.astype(np.int64)
        counts = np.stack([segment.counts for segment in ordered])
        several = np.array([segment.rows > 1 for segment in ordered])
        if self._stepped or several.sum() * 2 > len(ordered):
            rows = self._means(ordered, counts)
            if (counts[:, self._averaged] > 1).any():
                notes.append(
                    "An epoch has several rows: took the mean of what was measured in training, else the last value."
                )
        else:
            rows = np.stack([segment.last for segment in ordered])
            if (counts[several] > 1).any():
                repeated = [int(index) + 1 for index in indices[several]]
                verb = "stands" if len(repeated) == 1 else "stand"
                notes.append(
                    f"{name_epochs(repeated)} {verb} in the log more than once, as after a resumed training: "
                    "kept the later run."
                )
        table = NumberBlock(np.full((indices[-1] + 1, width), np.nan), np.zeros((indices[-1] + 1, width), dtype=bool))
        for index, row, valid in zip(indices, rows, counts > 0, strict=True):
            table.values[index, valid] = row[valid]
            table.valid[index] |= valid
        absent = np.setdiff1d(np.arange(len(table)), indices) + 1
        if len(absent):
            verb = "is" if len(absent) == 1 else "are"
            notes.append(f"{name_epochs(absent.tolist())} {verb} missing in the log.")
        return table

    def _means(self, ordered: Sequence[EpochSegment], counts: np.ndarray) -> np.ndarray:
        """For each segment the mean of what was measured in training, else the last value."""
        last = np.stack([segment.last for segment in ordered])
        with np.errstate(all="ignore"):
            mean = np.stack([segment.sums for segment in ordered]) / np.maximum(counts, 1)
        # Losses of steps too large for their sum stay what they are.
        mean = np.where(np.isfinite(last) & np.isinf(mean), last, mean)
        return np.where(self._averaged & (counts > 0), mean, last)

    def _without_unfinished_epoch(self, table: NumberBlock, notes: list[str]) -> NumberBlock:
        """The epochs without a last one that lacks a loss whose turn had come: it was cut short, or only tested."""
        last = len(table) - 1
        for measure, loss in (("loss", "training"), ("val_loss", "validation")):
            column = self._column(measure)
            measured = np.flatnonzero(table.valid[:, column]) if column is not None else np.array([])
            # Validation may run every k epochs only.
            gaps = np.diff(measured) if len(measured) > 1 else measured + 1
            if measured.size and measured[-1] + gaps.max() == last:
                notes.append(f"Left out epoch {last + 1}, the last: it has no {loss} loss.")
                return table.rows(np.arange(last))
        return table
