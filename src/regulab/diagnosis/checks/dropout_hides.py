"""DROPOUT-HIDES-GAP: dropout raises the training curve and so hides how far validation lies above it."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from regulab.diagnosis.analysis import CurveAnalysis
from regulab.diagnosis.checks.check import Check
from regulab.diagnosis.finding import NotApplicable, Outcome, Passed, Severity
from regulab.diagnosis.losses import clipped

# The gap is worth reporting from this share of the validation loss, if dropout hides this share of it.
GAP, HIDDEN = 0.1, 0.5


class DropoutHidesGap(Check):
    """Compares, at the best epoch, what dropout adds to the training loss with the gap without it.

    Does not apply to histories without a training loss both with dropout and without.
    """

    code = "DROPOUT-HIDES-GAP"
    title = "Dropout raises the training curve and hides how far validation lies above it"
    severity: ClassVar[Severity] = "info"
    docs = "findings/dropout-hides-gap"

    def run(self, analysis: CurveAnalysis) -> Outcome:
        """Check one training's curves."""
        history = analysis.history
        names = ("train_data_loss", "noisy_data_loss", "val_data_loss")
        if not set(names) <= history.measures.keys():
            return NotApplicable("needs the training loss both with dropout on and with dropout off")
        best = history.best_epoch
        if best is None:
            return NotApplicable("validation loss is never a number")
        around = slice(max(best - 1, 0), best + 2)
        table = clipped([history.measures[name][around] for name in names])
        if not np.isfinite(table).all():
            return NotApplicable("a loss around the best epoch is not a number")
        plain, noisy, validation = (float(loss) for loss in np.median(table, axis=1))
        gap, added = validation - plain, noisy - plain
        if not (gap >= GAP * abs(validation) and gap > 0 and added >= HIDDEN * gap):
            return Passed()
        return self.finding(
            message=(
                f"Around the best epoch, {best + 1}, validation loss is {gap:.4g} above training loss with dropout "
                f"off. But dropout adds {added:.4g} to the training curve, so only {gap - added:.4g} of the gap is "
                "visible."
            ),
            evidence={"gap": gap, "added_by_dropout": added, "best_epoch": best},
            advice=(
                "Do not read the gap off the training curve that fit prints: dropout is on there and off in "
                "validation. Nothing is wrong with the model. Compare data_loss, or evaluate the model on the "
                "training examples."
            ),
        )
