"""Epochs as they stand in a sentence."""

from __future__ import annotations

from collections.abc import Sequence

_MOST_PARTS = 4


def name_epochs(epochs: Sequence[int]) -> str:
    """Epochs counted from 1, runs of them joined.

    Args:
        epochs: Ascending; at least one.

    Example:
        >>> name_epochs([3, 4, 5, 8]), name_epochs([2])
        ('Epochs 3 to 5 and 8', 'Epoch 2')
    """
    runs: list[list[int]] = []
    for epoch in epochs:
        if runs and epoch == runs[-1][-1] + 1:
            runs[-1] = [runs[-1][0], epoch]
        else:
            runs.append([epoch])
    parts = []
    for run in runs:
        parts += [f"{run[0]} to {run[-1]}"] if run[-1] > run[0] + 1 else [str(epoch) for epoch in run]
    if len(parts) > _MOST_PARTS:
        parts = [*parts[:_MOST_PARTS], f"{len(parts) - _MOST_PARTS} more"]
    text = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    return f"Epoch{'s' if len(epochs) > 1 else ''} {text}"


def lower_first(phrase: str) -> str:
    """A phrase for the middle of a sentence.

    Example:
        >>> lower_first("Epochs 3 to 5")
        'epochs 3 to 5'
    """
    return phrase[0].lower() + phrase[1:]
