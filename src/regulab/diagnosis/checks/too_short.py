"""TOO-SHORT: too few epochs to see anything turn."""

from __future__ import annotations

from typing import ClassVar

from regulab.diagnosis.analysis import CurveAnalysis
from regulab.diagnosis.checks.check import Check
from regulab.diagnosis.checks.not_a_number import NotANumber
from regulab.diagnosis.finding import Finding, NotApplicable, Outcome, Passed, Severity
from regulab.diagnosis.turning_point import SHORTEST


class TooShort(Check):
    """Counts the epochs with a finite validation loss, of the training loss where there is none.

    Does not apply to a run without losses, or to one that broke off because a loss was no number.
    """

    code = "TOO-SHORT"
    title = "Too few epochs to see anything turn"
    severity: ClassVar[Severity] = "info"
    docs = "findings/too-short"

    def run(self, analysis: CurveAnalysis) -> Outcome:
        """Check one training's curves."""
        epochs = len(analysis.validation) or len(analysis.training)
        if not epochs:
            return NotApplicable("no loss recorded")
        if epochs >= SHORTEST:
            return Passed()
        if isinstance(NotANumber().run(analysis), Finding):
            return NotApplicable("a loss is not a number, which NOT-A-NUMBER reports")
        return self.finding(
            message=(
                f"The log holds {epochs} epoch{'s' if epochs > 1 else ''} with a loss; "
                f"it takes at least {SHORTEST} to see whether a model overfits."
            ),
            evidence={"epochs": epochs},
            advice="Train for more epochs; 20 are a good start. Stopping at the best one costs nothing.",
        )
