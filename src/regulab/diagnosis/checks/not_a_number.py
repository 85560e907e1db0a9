"""NOT-A-NUMBER: a loss became NaN or infinite."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import ClassVar

from regulab.diagnosis.analysis import CurveAnalysis
from regulab.diagnosis.checks.check import Check
from regulab.diagnosis.finding import NotApplicable, Outcome, Passed, Severity
from regulab.histories.history import History

# regulab measures its own after every epoch; a log of another tool may have left epochs out.
_OWN = ("train_data_loss", "val_data_loss")
_LOGGED = ("loss", "val_loss")
_FROM_NOW_ON = (
    "Nothing that the model learned after this epoch is of use. Lower the learning rate, clip gradients "
    "(clipnorm=1.0 in the optimizer), and look for missing values and very large features in the data."
)
_NEVER = (
    "Look for missing values, very large features and labels out of range in the {} data. If there are none, lower "
    "the learning rate and clip gradients (clipnorm=1.0 in the optimizer)."
)
_MISSING = (
    "If validation was left out from then on, as in a second fit without validation data, judge by the epochs before. "
    "Otherwise look for missing values and very large features in the validation data."
)


class NotANumber(Check):
    """Looks for the first epoch at which a loss is not a finite number.

    In a log, NaN can also mean that nothing was measured. It counts where a measure goes missing for good
    although it was due, or where it is NaN throughout: what was never measured is no measure of the log.
    Where only the validation loss goes missing, it may have been left out, and is a warning.
    """

    code = "NOT-A-NUMBER"
    title = "A loss became NaN or infinite"
    severity: ClassVar[Severity] = "error"
    docs = "findings/not-a-number"

    def run(self, analysis: CurveAnalysis) -> Outcome:
        """Check one training's curves."""
        history = analysis.history
        recorded = [measure for measure in (*_OWN, *_LOGGED) if history.measures.get(measure)]
        if not recorded:
            return NotApplicable("no loss recorded")
        for measure in recorded:
            values = history.measures[measure]
            epoch = _first(values) if measure in _OWN else _first_for_good(values)
            if epoch is not None:
                return self._finding(history, measure, epoch)
        return Passed()

    def _finding(self, history: History, measure: str, epoch: int) -> Outcome:
        values = history.measures[measure]
        # Where validation runs every k epochs, NaN after the first does not say that it ran then.
        never = all(map(math.isnan, values))
        if measure == "val_loss" and math.isnan(values[epoch]) and not never and _goes_on(history, epoch):
            return self.finding(
                severity="warning",
                message=f"Validation loss has no number from epoch {epoch + 1} on, but training loss has.",
                evidence={"epoch": epoch},
                advice=_MISSING,
            )
        split = "Training" if measure in ("train_data_loss", "loss") else "Validation"
        when = "in every epoch" if never else f"after epoch {epoch + 1}"
        return self.finding(
            message=f"{split} loss is {values[epoch]} {when}.",
            evidence={"epoch": epoch},
            advice=_NEVER.format(split.lower()) if never else _FROM_NOW_ON,
        )


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
        return 0
    # Validation may run only every k epochs.
    step = max((later - earlier for earlier, later in pairwise(finite)), default=finite[0] + 1)
    return finite[-1] + step if finite[-1] + step < len(values) else None
