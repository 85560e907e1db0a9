"""One segment per epoch, ascending: of a resumed training the later run, of a model fitted once more both."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from regulab.histories.readers.epoch_phrases import lower_first, name_epochs
from regulab.histories.readers.epoch_segments import EpochSegment
from regulab.histories.readers.refits import count_on


def in_order(
    segments: Sequence[EpochSegment], *, loss: int | None, val_loss: int | None, counts_from_zero: bool
) -> tuple[list[EpochSegment], list[str]]:
    """One segment per epoch, ascending.

    Args:
        segments: In the order of the log.
        loss: The column of the training loss, or None.
        val_loss: The column of the validation loss, or None.
        counts_from_zero: Whether the log is known to count epochs from 0.

    Returns:
        The segments, and notes of what was sorted, counted on or left out.
    """
    notes: list[str] = []
    epochs = [segment.epoch for segment in segments]
    if any(epoch < 0 for epoch in epochs):
        notes.append("Left out rows with an epoch below 0.")
    # What is to be added to an epoch of the log to count from 1.
    shift = 1 if counts_from_zero or min(epochs, default=0) < 1 else 0
    segments = [segment for segment in segments if segment.epoch >= 0]
    if len(set(epochs)) == len(epochs):
        if epochs != sorted(epochs):
            notes.append("Sorted the rows by epoch.")
        return sorted(segments, key=lambda segment: segment.epoch), notes
    if loss is not None:
        segments, refitted_after = count_on(segments, loss, val_loss)
        if refitted_after:
            notes.append(
                f"After {lower_first(_name(refitted_after, shift))} the log counts from its first epoch again, while "
                "the losses go on where they were, as where a model is fitted once more: counted on."
            )
    ordered, repeated, dropped = _latest(segments)
    if repeated:
        verb = "stands" if len(repeated) == 1 else "stand"
        notes.append(
            f"{_name(repeated, shift)} {verb} in the log more than once, as after a resumed training: "
            "kept the later run."
        )
    if dropped:
        notes.append(f"Left out {lower_first(_name(dropped, shift))} of an earlier run, which the later did not reach.")
    return ordered, notes


def _latest(segments: Sequence[EpochSegment]) -> tuple[list[EpochSegment], list[float], list[float]]:
    """Of epochs that were trained again the later run; the epochs this replaced, and those it left out."""
    ordered: list[EpochSegment] = []
    replaced: set[float] = set()
    dropped: set[float] = set()
    for segment in segments:
        index = bisect_left(ordered, segment.epoch, key=_epoch)
        same = ordered[index] if index < len(ordered) and ordered[index].epoch == segment.epoch else None
        if same is not None and not (same.counts * segment.counts).any():
            ordered[index] = same.joined(segment)  # another part of the same epoch, written late
            continue
        dropped |= {later.epoch for later in ordered[index:]}
        if same is not None:
            replaced.add(segment.epoch)
        ordered[index:] = [segment]
    kept = {segment.epoch for segment in ordered}
    return ordered, sorted(replaced | (dropped & kept)), sorted(dropped - kept)


def _epoch(segment: EpochSegment) -> float:
    return segment.epoch


def _name(epochs: Sequence[float], shift: int) -> str:
    return name_epochs([int(epoch) + shift for epoch in epochs])
