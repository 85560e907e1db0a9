"""DIVERGED: the training loss itself turns and gets worse."""

from __future__ import annotations

from typing import ClassVar

from regulab.diagnosis.analysis import CurveAnalysis
from regulab.diagnosis.checks.check import FOUR_EPOCHS, NO_TRAINING_LOSS, Check
from regulab.diagnosis.finding import Outcome, Passed, Severity
from regulab.diagnosis.turning_point import SHORTEST

# The training loss has to give back this share of what it had gained, or of half of its lowest value.
GIVEN_BACK = 0.5


class Diverged(Check):
    """Compares the training loss at the end with its lowest level.

    A warning where it ends no higher than it began. Does not apply to fewer than four epochs with a finite
    training loss.
    """

    code = "DIVERGED"
    title = "Training loss itself turns and gets worse"
    severity: ClassVar[Severity] = "error"
    docs = "findings/diverged"

    def run(self, analysis: CurveAnalysis) -> Outcome:
        """Check one training's curves."""
        if not analysis.losses.training.size:
            return NO_TRAINING_LOSS
        curve = analysis.training
        if len(curve) < SHORTEST:
            return FOUR_EPOCHS
        trend, start = curve.trend, float(curve.values[0])
        required = GIVEN_BACK * max(start - trend.low, 0.5 * abs(trend.low))
        if not (trend.persists and trend.rise > 0 and trend.rise >= max(required, 3 * trend.end_error)):
            return Passed()
        best = int(curve.epochs[trend.lowest_index])
        return self.finding(
            severity="error" if trend.end > start else "warning",
            message=(
                f"Training loss turns after epoch {best + 1} ({trend.low:.4g}) and ends at {trend.end:.4g}: "
                "the model gets worse on the very examples it is trained on."
            ),
            evidence={
                "best_epoch": best,
                "train_loss_first": start,
                "train_loss_best": trend.low,
                "train_loss_end": trend.end,
            },
            advice=(
                "This is not overfitting, and regularization will not fix it. Lower the learning rate (by a factor "
                "of 3 to 10), let it decay during training, or clip gradients (clipnorm=1.0)."
            ),
        )
