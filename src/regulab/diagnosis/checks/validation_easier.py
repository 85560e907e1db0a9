"""VALIDATION-EASIER: validation loss lies below the training loss of the same, undisturbed model."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from regulab.diagnosis.analysis import CurveAnalysis
from regulab.diagnosis.checks.check import NO_TRAINING_LOSS, NO_VALIDATION_LOSS, Check
from regulab.diagnosis.finding import NotApplicable, Outcome, Passed, Severity

# By which share of the training loss.
BELOW = 0.1


class ValidationEasier(Check):
    """Compares both losses in the last third of the epochs, at least three.

    Does not apply where the training loss was taken with dropout on and as a mean over the epoch: that
    alone puts it above the validation loss.
    """

    code = "VALIDATION-EASIER"
    title = "Validation loss lies below the training loss of the same model"
    severity: ClassVar[Severity] = "info"
    docs = "findings/validation-easier"

    def run(self, analysis: CurveAnalysis) -> Outcome:
        """Check one training's curves."""
        if not analysis.losses.validation.size:
            return NO_VALIDATION_LOSS
        if not analysis.losses.inference:
            return NotApplicable("needs a training loss measured after each epoch with dropout off")
        if analysis.paired is None:
            return NO_TRAINING_LOSS
        last = max(3, len(analysis.paired[0]) // 3)
        training, validation = (curve.values[-last:] for curve in analysis.paired)
        if len(training) < 3:
            return NotApplicable("needs at least three epochs")
        if not (validation < training).all():
            return Passed()
        below, level = float(np.median(training - validation)), float(np.median(training))
        if below < BELOW * abs(level):
            return Passed()
        return self.finding(
            message=(
                f"In the last {last} epochs, validation loss is {below:.4g} below training loss ({level:.4g}), "
                "although both were taken with dropout off, without penalty and after the same epochs."
            ),
            evidence={"below": below, "train_loss": level, "val_loss": float(np.median(validation))},
            advice=(
                "The validation examples are easier than the training examples, and the loss on them makes the model "
                "look better than it is. Draw both at random from the same source, check that no training example is "
                "among them, and use more of them: with few, this can be chance."
            ),
        )
