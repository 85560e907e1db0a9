"""PENALTY-HIDES-OVERFITTING: the loss without penalty gets worse, and a shrinking penalty hides it."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from regulab.diagnosis.analysis import CurveAnalysis
from regulab.diagnosis.checks.check import NO_VALIDATION_LOSS, Check, no_overfitting
from regulab.diagnosis.finding import NotApplicable, Outcome, Passed, Severity
from regulab.diagnosis.losses import clipped

# The printed loss shows less than this share of the rise of the loss without penalty.
SHOWN = 0.5


class PenaltyHidesOverfitting(Check):
    """Compares the rise of the data loss with what `val_loss` shows of it between the same epochs.

    Does not apply to histories without `val_loss` or without a loss free of penalty.
    """

    code = "PENALTY-HIDES-OVERFITTING"
    title = "The loss without penalty gets worse, and a shrinking penalty hides it"
    severity: ClassVar[Severity] = "warning"
    docs = "findings/penalty-hides-overfitting"

    def run(self, analysis: CurveAnalysis) -> Outcome:
        """Check one training's curves."""
        losses, turn, measures = analysis.losses, analysis.turning_point, analysis.history.measures
        if not losses.validation.size:
            return NO_VALIDATION_LOSS
        if not losses.penalty_free:
            return NotApplicable("no loss without penalty recorded")
        if "val_loss" not in measures:
            return NotApplicable("no val_loss recorded")
        if turn is None or turn.onset is None:
            return no_overfitting(analysis)
        printed = clipped(measures["val_loss"])
        both = np.isfinite(printed) & np.isfinite(losses.validation)
        both[: turn.best_epoch] = False
        added = (printed - losses.validation)[both]
        if len(added) < 2:
            return NotApplicable("needs val_loss in at least two epochs from the best one on")
        # The noise of the loss cancels in the difference, so single epochs are enough.
        hidden = float(added[0] - np.median(added[-3:]))
        shown = turn.rise - hidden
        if shown >= SHOWN * turn.rise:
            return Passed()
        return self.finding(
            message=(
                f"After epoch {turn.best_epoch + 1}, validation loss without penalty rises by {turn.rise:.4g} "
                f"({turn.relative_rise:.0%}), but val_loss {_shown(shown)}: the penalty shrinks by {hidden:.4g} "
                "meanwhile."
            ),
            evidence={"data_loss_rise": turn.rise, "val_loss_change": shown, "penalty_change": -hidden},
            advice=(
                "Judge a model with L1 or L2 by its loss without penalty (data_loss, or the loss as a metric), and "
                "base early stopping on it, too. A stronger penalty or an earlier stop would keep the data loss down."
            ),
        )


def _shown(change: float) -> str:
    return f"rises by only {change:.4g}" if change > 0 else f"falls by {-change:.4g}"
