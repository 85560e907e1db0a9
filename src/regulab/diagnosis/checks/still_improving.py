"""STILL-IMPROVING: training stopped while validation loss was falling, so its turn is not known yet."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from regulab.diagnosis.analysis import CurveAnalysis
from regulab.diagnosis.checks.check import NO_VALIDATION_LOSS, Check
from regulab.diagnosis.finding import NotApplicable, Outcome, Passed, Severity


class StillImproving(Check):
    """Checks whether the last fifth of the epochs brought more than noise explains.

    Does not apply to histories without a validation loss, of a single epoch, or that end without a number.
    """

    code = "STILL-IMPROVING"
    title = "Training stopped while validation loss was still falling"
    severity: ClassVar[Severity] = "info"
    docs = "findings/still-improving"

    def run(self, analysis: CurveAnalysis) -> Outcome:
        """Check one training's curves."""
        validation, values = analysis.losses.validation, analysis.validation.values
        if not validation.size:
            return NO_VALIDATION_LOSS
        if len(values) < 2:
            return NotApplicable("needs at least two epochs")
        if not np.isfinite(validation[-_step(analysis.validation.epochs) :]).any():
            return NotApplicable("validation loss ends without a number")
        share = analysis.validation.recent_gain
        if not share > 0:
            return Passed()
        recent = max(1, len(values) // 5)
        before, after = float(np.median(values[-2 * recent : -recent])), float(np.median(values[-recent:]))
        epochs = "epoch" if recent == 1 else f"{recent} epochs"
        return self.finding(
            message=f"Validation loss is still falling: from {before:.4g} to {after:.4g} in the last {epochs}.",
            evidence={"val_loss_before": before, "val_loss_last": after, "gained": share},
            advice=(
                "Train for more epochs before judging this model or comparing it with others: whether it will overfit "
                "is not known yet."
            ),
        )


def _step(epochs: np.ndarray) -> int:
    """After how many epochs each validation comes."""
    return int(np.diff(epochs).max(initial=1))
