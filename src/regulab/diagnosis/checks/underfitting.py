"""UNDERFITTING: the model learns too little of what the training examples have in common."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from regulab.diagnosis.analysis import CurveAnalysis
from regulab.diagnosis.checks.check import (
    BaseCheck,
    Check,
    StudyCheck,
    paired_losses,
)
from regulab.diagnosis.finding import Finding, NotApplicable, Outcome, Passed, Severity
from regulab.diagnosis.trend import recent_gain
from regulab.diagnosis.turning_point import SHORTEST
from regulab.histories.history import Histories

# The loss has fallen by less than this share, accuracy has gained less and is below the limit.
FALL, GAIN, GOOD = 0.05, 0.05, 0.9
# A variant's training loss lies this share above the validation loss that another one reaches.
WORSE = 1.1
_ADVICE = (
    "Give the model more capacity (wider or deeper), weaken its regularization, raise the learning rate, or look at "
    "the features and labels. More data or stronger regularization will not help."
)
_WEAKEN = (
    "Weaken what it adds to the baseline: without that, the same training examples are learned, so the model does not "
    "lack capacity."
)
_PRETRAINED = " If the model had been trained before this log begins, nothing is wrong."


class _Underfitting(BaseCheck):
    code = "UNDERFITTING"
    title = "The model learns too little of what the training examples have in common"
    severity: ClassVar[Severity] = "warning"
    docs = "findings/underfitting"


class Underfitting(_Underfitting, Check):
    """Checks whether both losses stay near where they began, and have stopped falling.

    A model that had been trained before looks the same, so in a log without accuracy it is an info. Does not apply to
    fewer than four epochs.
    """

    def run(self, analysis: CurveAnalysis) -> Outcome:
        """Check one training's curves."""
        pair = paired_losses(analysis)
        if isinstance(pair, NotApplicable):
            return pair
        training, validation = pair
        first_validation = float(validation.values[0])
        if not (training.values[0] and first_validation):
            return NotApplicable("a loss is zero from the start")
        first, ends = analysis.first_training_loss, (training.trend.end, validation.trend.end)
        fall = max(
            (start - curve.trend.low) / abs(start)
            for start, curve in ((first, training), (first_validation, validation))
        )
        learns = fall >= FALL or training.recent_gain or validation.recent_gain
        if learns or ends[1] - ends[0] > 0.1 * abs(ends[0]):
            return Passed()
        accuracy = None if analysis.accuracy is None else analysis.accuracy[np.isfinite(analysis.accuracy)]
        measured = accuracy is not None and accuracy.size > 0
        if accuracy is not None and measured and _right(accuracy):
            return Passed()
        return self.finding(
            severity="warning" if measured or analysis.losses.inference else "info",
            message=(
                f"Neither loss falls: training loss goes from {first:.4g} to {ends[0]:.4g}, validation loss from "
                f"{first_validation:.4g} to {ends[1]:.4g}."
            ),
            evidence={"train_loss_first": first, "train_loss_end": ends[0], "val_loss_end": ends[1], "fall": fall},
            advice=_ADVICE + ("" if measured else _PRETRAINED),
        )


def _right(accuracy: np.ndarray) -> bool:
    """Whether accuracy is good, or has become better."""
    return bool(np.median(accuracy[-3:]) >= GOOD or accuracy.max() - accuracy[0] >= GAIN)


class UnderfittingVariants(_Underfitting, StudyCheck):
    """Looks for variants that cannot learn from the training examples what another one knows about unseen ones.

    Does not apply to variants that are still improving, or without losses of regulab's own.
    """

    def run(self, study: Mapping[str, Any], histories: Histories) -> tuple[Finding, ...] | Passed | NotApplicable:
        """Check a study."""
        means = {}
        for variant in histories.variants:
            tables = [histories.array(name, variant) for name in ("val_data_loss", "train_data_loss")]
            if all(np.isfinite(table).all() and table.size for table in tables):
                means[variant] = [table.mean(axis=0) for table in tables]
        if not means:
            return NotApplicable("needs regulab's own losses in every epoch")
        best = min(means, key=lambda variant: float(means[variant][0].min()))
        reached = float(means[best][0].min())
        # Where validation examples are easier, the best variant does not get its training loss as far down either.
        within = max(reached, float(means[best][1].min()))
        sizes = {entry["name"]: entry["parameters"] for entry in study.get("variants", ()) if "parameters" in entry}
        learns = "baseline" in means and float(means["baseline"][1].min()) - within < (WORSE - 1) * abs(reached)
        findings = []
        for variant, (validation, training) in means.items():
            lowest = float(training.min())
            improving = len(training) < SHORTEST or recent_gain(validation)
            if improving or lowest - within < (WORSE - 1) * abs(reached):
                continue
            findings.append(
                self.finding(
                    message=(
                        f"{variant} gets training loss down to {lowest:.4g} only, although {best} reaches "
                        f"{reached:.4g} on examples that it has not seen."
                    ),
                    evidence={"train_loss_best": lowest, "val_loss_of_best_variant": reached},
                    # What the baseline learns, as many weights can hold.
                    advice=_WEAKEN if learns and sizes.get(variant, 0) >= sizes.get("baseline", math.inf) else _ADVICE,
                )
            )
        return tuple(findings) or Passed()
