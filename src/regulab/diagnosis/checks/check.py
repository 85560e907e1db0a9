"""What all checks have in common, and the reasons that several of them give."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from regulab.diagnosis.analysis import CurveAnalysis
from regulab.diagnosis.curve import Curve
from regulab.diagnosis.finding import Finding, NotApplicable, Outcome, Passed, Severity
from regulab.diagnosis.inconclusive import Inconclusive
from regulab.diagnosis.turning_point import SHORTEST
from regulab.histories.history import Histories

NO_VALIDATION_LOSS = NotApplicable("no validation loss recorded")
NO_TRAINING_LOSS = NotApplicable("no training loss recorded")
FOUR_EPOCHS = NotApplicable("needs at least four epochs")

#: Why overfitting can be neither found nor ruled out.
_UNDECIDED: Mapping[Inconclusive, NotApplicable] = {
    Inconclusive.NO_LOSS: NotApplicable("no loss recorded"),
    Inconclusive.NO_VALIDATION_LOSS: NO_VALIDATION_LOSS,
    Inconclusive.NO_TRAINING_LOSS: NO_TRAINING_LOSS,
    Inconclusive.NEVER_FINITE: NotApplicable("validation loss is never a number"),
    Inconclusive.ALWAYS_ZERO: NotApplicable("validation loss is zero in every epoch"),
    Inconclusive.TOO_FEW_EPOCHS: FOUR_EPOCHS,
    Inconclusive.TOO_NOISY: NotApplicable("validation loss is too noisy to tell"),
    Inconclusive.RISES_SLIGHTLY: NotApplicable("validation loss rises too slightly to tell"),
    Inconclusive.TRAINING_DOES_NOT_FALL: NotApplicable("validation loss rises, but training loss does not fall"),
}


def paired_losses(analysis: CurveAnalysis) -> tuple[Curve, Curve] | NotApplicable:
    """Training and validation loss in the epochs that have both, or why a check of the two does not apply."""
    if not analysis.losses.validation.size:
        return NO_VALIDATION_LOSS
    if analysis.paired is None:
        return NO_TRAINING_LOSS
    return FOUR_EPOCHS if len(analysis.paired[0]) < SHORTEST else analysis.paired


class BaseCheck(ABC):
    """What every check says about itself.

    Attributes:
        code: Stable name of its findings.
        title: What it finds, in a few words.
        severity: The highest severity that its findings have.
        docs: Its page in the documentation, without suffix.
    """

    code: ClassVar[str]
    title: ClassVar[str]
    severity: ClassVar[Severity]
    docs: ClassVar[str]

    def finding(
        self, *, message: str, evidence: Mapping[str, float], advice: str, severity: Severity | None = None
    ) -> Finding:
        """A finding of this check, with its usual severity unless another one is given."""
        return Finding(self.code, severity or self.severity, message, evidence, advice)


class Check(BaseCheck):
    """A check of a single training."""

    @abstractmethod
    def run(self, analysis: CurveAnalysis) -> Outcome:
        """Check one training's curves."""


class StudyCheck(BaseCheck):
    """A check of a study as a whole."""

    @abstractmethod
    def run(self, study: Mapping[str, Any], histories: Histories) -> tuple[Finding, ...] | Passed | NotApplicable:
        """Check a study by its document (`study.json`) and its trainings; one or several findings."""


def no_overfitting(analysis: CurveAnalysis) -> Passed | NotApplicable:
    """What every check about overfitting answers where the model is not known to overfit."""
    return _UNDECIDED[analysis.inconclusive] if analysis.inconclusive else Passed()
