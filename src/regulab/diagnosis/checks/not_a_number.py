"""NOT-A-NUMBER: a loss became NaN or infinite."""

from __future__ import annotations

import math
from itertools import pairwise

from regulab.diagnosis.finding import Finding
from regulab.histories.history import History

# regulab measures its own after every epoch; a log of another tool may have left epochs out.
_OWN = ("train_data_loss", "val_data_loss")
_LOGGED = ("loss", "val_loss")
_FROM_NOW_ON = (
    "Nothing that was learned after this epoch is of use. Lower the learning rate, clip gradients "
    "(clipnorm=1.0 in the optimizer), and look for missing values and very large features in the data."
)
_NEVER = (
    "Look for missing values, very large features and labels out of range in the {} data. Where there are none, lower "
    "the learning rate and clip gradients (clipnorm=1.0 in the optimizer)."
)
_MISSING = (
    "If validation was left out from then on, as by a second fit without validation data, judge by the epochs before. "
    "Else look for missing values and very large features in the validation data."
)


def check(history: History) -> Finding | None:
    """Look for the first epoch at which a loss is not a finite number.

    In a log, NaN can also mean that nothing was measured. It counts where a measure goes missing for good
    although its turn had come, or where it is NaN throughout: what was never measured is no measure of the log.
    Where only the validation loss goes missing, it may have been left out, and is a warning.
    """
    for measure in (*_OWN, *_LOGGED):
        values = history.measures.get(measure, ())
        epoch = _first(values) if measure in _OWN else _first_for_good(values)
        if epoch is not None:
            split = "Training" if measure in ("train_data_loss", "loss") else "Validation"
            # Where it runs every k epochs, NaN after the first does not say that it ran then.
            never = all(map(math.isnan, values))
            if measure == "val_loss" and math.isnan(values[epoch]) and not never and _goes_on(history, epoch):
                return Finding(
                    code="NOT-A-NUMBER",
                    severity="warning",
                    message=f"Validation loss has no number from epoch {epoch + 1} on, but training loss has.",
                    evidence={"epoch": epoch},
                    advice=_MISSING,
                )
            when = "in every epoch" if never else f"after epoch {epoch + 1}"
            return Finding(
                code="NOT-A-NUMBER",
                severity="error",
                message=f"{split} loss is {values[epoch]} {when}.",
                evidence={"epoch": epoch},
                advice=_NEVER.format(split.lower()) if never else _FROM_NOW_ON,
            )
    return None


def _goes_on(history: History, epoch: int) -> bool:
    """Whether training loss is a number from an epoch on."""
    return any(map(math.isfinite, history.measures.get("loss", ())[epoch:]))


def _first(values: tuple[float, ...]) -> int | None:
    return next((epoch for epoch, value in enumerate(values) if not math.isfinite(value)), None)


def _first_for_good(values: tuple[float, ...]) -> int | None:
    infinite = next((epoch for epoch, value in enumerate(values) if math.isinf(value)), None)
    finite = [epoch for epoch, value in enumerate(values) if math.isfinite(value)]
    if infinite is not None:
        return infinite
    if not finite:
        return 0 if values else None
    # Validation may run every k epochs only.
    step = max((later - earlier for earlier, later in pairwise(finite)), default=finite[0] + 1)
    return finite[-1] + step if finite[-1] + step < len(values) else None
