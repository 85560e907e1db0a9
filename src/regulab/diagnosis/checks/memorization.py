"""MEMORIZATION: training loss falls far, and validation loss hardly follows, though it does not rise."""

from __future__ import annotations

from typing import ClassVar

from regulab.diagnosis.analysis import CurveAnalysis
from regulab.diagnosis.checks.check import Check, paired_losses
from regulab.diagnosis.finding import NotApplicable, Outcome, Passed, Severity

#: Training loss ends below this share of validation loss, and less than that share of its fall carries over: the closer
#: it comes to knowing every example, the more has to carry over.
LEVELS = ((1 / 100, 1 / 2), (1 / 2, 1 / 3))
#: From this share on that validation loss gains in the last fifth of the epochs, it is too early to tell.
FALLING = 0.05


class Memorization(Check):
    """Compares how far validation loss fell with how far training loss fell, once it hardly falls any more.

    Does not apply to fewer than four epochs, to losses below zero, while validation loss is still falling, and where
    it turns, which OVERFITTING reports.
    """

    code = "MEMORIZATION"
    title = "Training loss falls far, and validation loss hardly follows"
    severity: ClassVar[Severity] = "warning"
    docs = "findings/memorization"

    def run(self, analysis: CurveAnalysis) -> Outcome:
        """Check one training's curves."""
        pair = paired_losses(analysis)
        if isinstance(pair, NotApplicable):
            return pair
        training, validation = pair
        # The best validation loss, since the end may be a bump.
        end, best = training.trend.end, validation.trend.low
        if best <= 0:
            return NotApplicable("needs a validation loss above zero")
        required = next((share for below, share in LEVELS if end <= below * best), None)
        if required is None:
            return Passed()
        if validation.recent_gain >= FALLING:
            return NotApplicable("validation loss is still falling")
        if analysis.turning_point is None or analysis.turning_point.overfits:
            return NotApplicable("validation loss turns, which OVERFITTING reports")
        first, first_validation = analysis.first_training_loss, float(validation.values[0])
        # Validation may begin late, after an epoch that taught much, or high, on harder examples: the more favourable
        # view counts.
        start = max(first, first_validation)
        if first <= end:
            return Passed()
        carried = max((first_validation - best) / (first - end), (start - best) / (start - end))
        if carried >= required:
            return Passed()
        return self.finding(
            message=(
                f"Training loss falls from {first:.4g} to {end:.4g}, and validation loss hardly follows: it begins at "
                f"{first_validation:.4g}, and its best is {best:.4g}."
            ),
            evidence={
                "train_loss_first": first,
                "train_loss_end": end,
                "val_loss_first": first_validation,
                "val_loss_best": best,
                "carried": carried,
            },
            advice=(
                "The model memorizes the training examples instead of learning what they have in common with others. "
                "Check that features and labels belong together and that both splits come from one source. Then try "
                "more data, a smaller model, L2 or dropout."
            ),
        )
