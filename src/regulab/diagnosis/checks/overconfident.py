"""OVERCONFIDENT: validation loss gets worse while validation accuracy does not."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from regulab.diagnosis.analysis import CurveAnalysis
from regulab.diagnosis.checks.check import Check, no_overfitting
from regulab.diagnosis.finding import NotApplicable, Outcome, Passed, Severity
from regulab.diagnosis.trend import noise_of

# An accuracy that falls by less than this has not fallen.
FLAT = 0.005
_NO_ACCURACY = NotApplicable("no validation accuracy recorded")


class Overconfident(Check):
    """Compares accuracy around the epoch of the best loss with accuracy at the end.

    Does not apply to histories without a validation accuracy.
    """

    code = "OVERCONFIDENT"
    title = "Validation loss gets worse while validation accuracy does not"
    severity: ClassVar[Severity] = "info"
    docs = "findings/overconfident"

    def run(self, analysis: CurveAnalysis) -> Outcome:
        """Check one training's curves."""
        accuracy, turn = analysis.accuracy, analysis.turning_point
        if accuracy is None or not np.isfinite(accuracy).any():
            return _NO_ACCURACY
        if turn is None or turn.onset is None:
            return no_overfitting(analysis)
        around = accuracy[max(turn.best_epoch - 1, 0) : turn.best_epoch + 2]
        around, last = around[np.isfinite(around)], accuracy[turn.onset :][-3:]
        last = last[np.isfinite(last)]
        if not around.size or not last.size:
            return _NO_ACCURACY
        before, after = float(np.median(around)), float(np.median(last))
        if after < before - max(FLAT, noise_of(accuracy[np.isfinite(accuracy)])):
            return Passed()
        return self.finding(
            message=(
                f"Validation loss rises from {turn.best:.4g} to {turn.end:.4g}, yet validation accuracy goes from "
                f"{before:.3f} to {after:.3f}: the answers are as good as before, the probabilities are not."
            ),
            evidence={
                "val_loss_best": turn.best,
                "val_loss_end": turn.end,
                "val_accuracy_best": before,
                "val_accuracy_end": after,
            },
            advice=(
                "The model is more confident than it should be, most of all where it is wrong. If only the answers "
                "matter, the last epoch is fine. If the probabilities matter, take the best epoch, or try label "
                "smoothing, L2 or dropout."
            ),
        )
