"""SEEDS-DISAGREE: some trainings of a variant failed where others did not, so that their mean describes none."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

from regulab.diagnosis.checks.check import StudyCheck
from regulab.diagnosis.finding import Finding, NotApplicable, Passed, Severity
from regulab.diagnosis.number_format import decimals, written
from regulab.diagnosis.seed_agreement import SeedDisagreement, disagreements
from regulab.histories.history import Histories


class SeedsDisagree(StudyCheck):
    """Looks for variants whose seeds come to different results, each seed at its own best epoch.

    Does not apply to fewer than two seeds.
    """

    code = "SEEDS-DISAGREE"
    title = "The seeds of a variant come to different results"
    severity: ClassVar[Severity] = "warning"
    docs = "findings/seeds-disagree"

    def run(self, study: Mapping[str, Any], histories: Histories) -> tuple[Finding, ...] | Passed | NotApplicable:
        """Check a study; a finding for each variant whose seeds disagree."""
        variants = disagreements(histories)
        if variants is None:
            return NotApplicable("needs two seeds of a variant, and regulab's own validation loss")
        return tuple(self._finding(variant) for variant in variants) or Passed()

    def _finding(self, variant: SeedDisagreement) -> Finding:
        values = list(variant.losses.values())
        evidence = {f"val_loss_seed_{seed}": loss for seed, loss in variant.losses.items()}
        if variant.stuck:
            evidence["stuck"] = len(variant.stuck)
            if math.isfinite(variant.training_stuck) and math.isfinite(variant.training_others):
                evidence["train_loss_stuck"] = variant.training_stuck
                evidence["train_loss_others"] = variant.training_others
        return self.finding(
            message=(
                f"{variant.variant}: {seeds_disagree(variant)}{_cause(variant)}. "
                f"Their mean, {_loss(sum(values) / len(values), variant)}, describes no training; {variant.variant} "
                f"itself reaches {_loss(variant.reached, variant)}."
            ),
            evidence=evidence,
            advice=(
                f"Judge {variant.variant} by the losses of its seeds, not by their mean. Train it with more seeds to "
                "see how often it fails; a lower learning rate or another initialization may keep it from failing."
            ),
        )


def seeds_disagree(variant: SeedDisagreement) -> str:
    """That the seeds of a variant disagree, with the values by seed, as part of a sentence.

    Example:
        >>> seeds_disagree(SeedDisagreement("smaller", {0: 0.490, 1: 0.491, 2: 0.308}, stuck=(0, 1)))
        'the seeds disagree (0.490, 0.491, 0.308), and 2 of 3 trainings are stuck'
    """
    values = ", ".join(_loss(loss, variant) for loss in variant.losses.values())
    if not variant.stuck:
        return f"the seeds disagree ({values})"
    stuck = "is" if len(variant.stuck) == 1 else "are"
    return f"the seeds disagree ({values}), and {len(variant.stuck)} of {len(variant.losses)} trainings {stuck} stuck"


def seeds_sentence(variant: SeedDisagreement) -> str:
    """That the seeds of a variant disagree, and what its mean leaves out.

    Example:
        >>> seeds_sentence(SeedDisagreement("tiny", {0: 0.490, 1: 0.308}, stuck=(0,)))
        'tiny: the seeds disagree (0.490, 0.308), and 1 of 2 trainings is stuck; tiny itself reaches 0.308.'
    """
    reached = _loss(variant.reached, variant)
    if variant.variant == "baseline":
        meaning = f"it reaches {reached} where training succeeds, and every comparison with its mean is in doubt"
    else:
        meaning = f"{variant.variant} itself reaches {reached}"
    return f"{variant.variant}: {seeds_disagree(variant)}; {meaning}."


def _cause(variant: SeedDisagreement) -> str:
    """Where they are stuck, as far as the histories show it."""
    if not math.isfinite(variant.training_stuck) or not math.isfinite(variant.training_others):
        return ""
    own, others = (_loss(loss, variant) for loss in (variant.training_stuck, variant.training_others))
    if variant.stalls:
        return f": their training loss stalls at {own}, where the others' falls to {others}"
    return f", although their training loss falls to {own} (the others': {others})"


def _loss(loss: float, variant: SeedDisagreement) -> str:
    return written(loss, decimals(variant.reached))
