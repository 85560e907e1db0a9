"""NOT-BETTER-THAN-CONSTANT: no model beats a prediction that ignores the features."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from regulab.diagnosis.checks.check import StudyCheck
from regulab.diagnosis.finding import Finding, NotApplicable, Passed, Severity
from regulab.diagnosis.number_format import apart
from regulab.histories.history import Histories

# A loss that is lower than the constant's by less than this share is no better: the best epoch of a model that has
# learned nothing is a little lower by chance.
_NO_BETTER = 0.01


@dataclass(frozen=True)
class ConstantLead:
    """The best variant next to a constant prediction.

    Attributes:
        variant: The variant with the lowest validation loss, each seed at its own best epoch.
        loss: It; a mean over seeds.
        constant: The validation loss of the constant prediction.
    """

    variant: str
    loss: float
    constant: float

    @property
    def beaten(self) -> bool:
        """Whether the variant beats the constant by more than a hundredth of its loss."""
        return self.loss < self.constant * (1 - _NO_BETTER)

    @property
    def useless(self) -> bool:
        """Whether the constant is at least as good, so that no variant is worth using."""
        return self.loss >= self.constant


def lead_over_constant(study: Mapping[str, Any], histories: Histories) -> ConstantLead | None:
    """The best variant next to the constant prediction; None where the study does not know its loss."""
    recorded = study.get("constant_loss")
    constant = recorded.get("validation") if isinstance(recorded, Mapping) else None
    means = {
        variant: float(np.mean([member.at("val_data_loss", member.best_epoch) for member in histories.of(variant)]))
        for variant in histories.variants
    }
    finite = {variant: mean for variant, mean in means.items() if math.isfinite(mean)}
    if not isinstance(constant, (int, float)) or not constant > 0 or not finite:
        return None
    best = min(finite, key=finite.__getitem__)
    return ConstantLead(best, finite[best], float(constant))


class NotBetterThanConstant(StudyCheck):
    """Compares the best variant's validation loss with that of a constant prediction.

    An info where it is lower by less than a hundredth. Does not apply where the constant's loss is not recorded.
    """

    code = "NOT-BETTER-THAN-CONSTANT"
    title = "No model beats a prediction that ignores the features"
    severity: ClassVar[Severity] = "warning"
    docs = "findings/not-better-than-constant"

    def run(self, study: Mapping[str, Any], histories: Histories) -> tuple[Finding, ...] | Passed | NotApplicable:
        """Check a study."""
        lead = lead_over_constant(study, histories)
        if lead is None:
            return NotApplicable("the loss of a constant prediction is not known")
        if lead.beaten:
            return Passed()
        return (
            self.finding(
                severity="warning" if lead.useless else "info",
                message=not_better(lead),
                evidence={"val_loss_best": lead.loss, "constant_loss": lead.constant},
                advice=(
                    "Check that features and labels belong together, row by row, and that the features are scaled. If "
                    "they are, try another learning rate, or accept that these features say nothing about the labels."
                ),
            ),
        )


def not_better(lead: ConstantLead) -> str:
    """That no model beats the constant, in a sentence.

    Example:
        >>> not_better(ConstantLead("l2", 0.716, 0.693))
        'No model beats a constant prediction, whose validation loss is 0.693: the lowest is 0.716 (l2).'
    """
    own, constant = apart(lead.loss, lead.constant)
    much = "" if lead.useless else " by 1%"
    return (
        f"No model beats a constant prediction{much}, whose validation loss is {constant}: the lowest is {own} "
        f"({lead.variant})."
    )
