"""The history of a log once there is one value per epoch and measure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from regulab.errors import InputError
from regulab.histories.history import History
from regulab.histories.metrics import is_share

MAX_EPOCHS = 100_000
# Values that may be missing.
_MOST_FILLED = 5_000_000


def tidy_history(
    name: str, columns: Mapping[str, Sequence[float | None]], notes: Sequence[str], *, where: str
) -> History:
    """A history from one value per epoch and measure; metrics in percent become shares.

    Args:
        name: What to call it.
        columns: The values of each measure, all of one length, None where there is none. What was never measured is
            left out.
        notes: What was repaired or left out.
        where: What to call the log in an error.

    Raises:
        InputError: If there is no epoch with a number.

    Example:
        >>> tidy_history("log.csv", {"loss": [0.5, None], "accuracy": [90, 95]}, [], where="log.csv").measures
        {'loss': (0.5, nan), 'accuracy': (0.9, 0.95)}
    """
    measures = {
        measure: np.array([math.nan if value is None else value for value in values], dtype=np.float64)
        for measure, values in columns.items()
        if any(value is not None for value in values)
    }
    return tidy_measures(name, measures, notes, where=where)


def tidy_measures(name: str, measures: dict[str, np.ndarray], notes: Sequence[str], *, where: str) -> History:
    """The same from an array for each measure, NaN where there is no value."""
    if not measures:
        raise InputError(f"Expected at least one epoch in {where}. Received: a log without a single value.")
    if max(len(values) for values in measures.values()) > MAX_EPOCHS:
        raise too_long(where)
    percent = sorted(
        {measure.removeprefix("val_") for measure, values in measures.items() if _is_percent(measure, values)}
    )
    for metric in percent:
        for measure in (metric, f"val_{metric}"):
            if measure in measures:
                measures[measure] = measures[measure] / 100
    notes = [*notes, *(f"'{metric}' is in percent in the log: divided by 100." for metric in percent)]
    return History(
        name, 0, {measure: tuple(values.tolist()) for measure, values in measures.items()}, tuple(dict.fromkeys(notes))
    )


def too_long(where: str) -> InputError:
    """The error about a log with more epochs than a training has."""
    return InputError(
        f"Expected at most {MAX_EPOCHS:,} epochs in {where}. Received: more. "
        "If its rows are steps, add a column with the epoch of each."
    )


def check_gaps(missing: float, *, where: str) -> None:
    """Refuse a log with large gaps before they are filled with NaN, which takes memory for each value.

    Args:
        missing: How many values are missing, of all measures together.
        where: What to call the log in an error.

    Raises:
        InputError: If there are too many.
    """
    if missing > _MOST_FILLED:
        raise InputError(
            f"Expected most measures after most epochs in {where}. Received: a log that lacks {missing:,.0f} values. "
            "Number the epochs one after the other, or leave columns out."
        )


def _is_percent(measure: str, values: np.ndarray) -> bool:
    finite = values[np.isfinite(values)]
    return is_share(measure) and finite.size > 0 and 1.01 < finite.max() <= 100 and finite.min() >= 0
