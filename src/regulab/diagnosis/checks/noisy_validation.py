"""NOISY-VALIDATION: validation loss jumps so much from epoch to epoch that the best epoch is luck."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from regulab.diagnosis.analysis import CurveAnalysis
from regulab.diagnosis.checks.check import NO_VALIDATION_LOSS, Check
from regulab.diagnosis.finding import NotApplicable, Outcome, Passed, Severity

# Of a single epoch, as a share of the level, from this number of epochs on.
NOISE, SHORTEST = 0.045, 8


class NoisyValidation(Check):
    """Compares the noise of an epoch with the level of the loss.

    Does not apply to fewer than eight epochs with a finite validation loss.
    """

    code = "NOISY-VALIDATION"
    title = "Validation loss jumps so much from epoch to epoch that the best epoch is luck"
    severity: ClassVar[Severity] = "info"
    docs = "findings/noisy-validation"

    def run(self, analysis: CurveAnalysis) -> Outcome:
        """Check one training's curves."""
        if not analysis.losses.validation.size:
            return NO_VALIDATION_LOSS
        values = analysis.validation.values
        if len(values) < SHORTEST:
            return NotApplicable("needs at least eight epochs")
        noise, level = analysis.validation.trend.noise, float(np.median(values[len(values) // 2 :]))
        # A loss that has fallen to nearly nothing may flicker there.
        if noise < NOISE * abs(level) or noise < 0.01 * (values[0] - values.min()) or noise == 0:
            return Passed()
        return self.finding(
            message=(
                f"Validation loss jumps by about {noise:.4g} from epoch to epoch, at a level of {level:.4g}: "
                "which epoch is best is largely luck."
            ),
            evidence={"noise": noise, "val_loss": level, "share": noise / abs(level) if level else float("inf")},
            advice=(
                "Lower the learning rate or let it decay, use a larger batch or a moving average of the weights "
                "(use_ema=True), and validate on more examples. Do not choose an epoch by a single low point."
            ),
        )
