"""VARIANT-CHANGED-NOTHING: a variant trained exactly as the baseline did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from regulab.diagnosis.checks.check import StudyCheck
from regulab.diagnosis.finding import Finding, NotApplicable, Passed, Severity
from regulab.histories.history import Histories, History

_MEASURES = ("train_data_loss", "val_data_loss")
# Of the highest loss. Even a limit that no weight reaches is rounded: Keras's constraint multiplies each weight by
# nearly one in every step, which adds up over a training.
_SAME = 1e-4


class VariantChangedNothing(StudyCheck):
    """Looks for variants whose losses are the baseline's in every epoch of every seed.

    Does not apply without a variant that was trained with the baseline's seeds, or to histories without regulab's
    own measures.
    """

    code = "VARIANT-CHANGED-NOTHING"
    title = "A variant trained exactly as the baseline did"
    severity: ClassVar[Severity] = "warning"
    docs = "findings/variant-changed-nothing"

    def run(self, study: Mapping[str, Any], histories: Histories) -> tuple[Finding, ...] | Passed | NotApplicable:
        """Check a study; one finding names all such variants."""
        baseline = {member.seed: member for member in histories if member.variant == "baseline"}
        pairs: dict[str, list[bool]] = {}
        for member in histories:
            reference = baseline.get(member.seed)
            if member.variant != "baseline" and reference is not None and _has_measures(member, reference):
                pairs.setdefault(member.variant, []).append(_trained_alike(member, reference))
        if not pairs:
            return NotApplicable("no variant was trained with the baseline's seeds")
        idle = [variant for variant, alike in pairs.items() if all(alike)]
        if not idle:
            return Passed()
        names = ", ".join(idle)
        return (
            self.finding(
                message=(
                    f"{names}: in every epoch and with every seed, both losses equal the baseline's but for "
                    f"rounding, so {'the variant' if len(idle) == 1 else 'these variants'} never took effect."
                ),
                evidence={"variants": len(idle)},
                advice=(
                    "A limit on the weights that none of them reaches does nothing, nor does a penalty too small to "
                    "move one. Try ten or a hundred times the strength, or a lower limit. The "
                    "comparison says nothing about the method here."
                ),
            ),
        )


def _has_measures(*members: History) -> bool:
    return all(measure in member.measures for member in members for measure in _MEASURES)


def _trained_alike(member: History, reference: History) -> bool:
    """Whether both losses are equal in every epoch, and a number in at least one."""
    for measure in _MEASURES:
        own, other = (np.asarray(history.measures[measure], dtype=float) for history in (member, reference))
        if own.shape != other.shape or not np.isfinite(other).any():
            return False
        limit = _SAME * float(np.abs(other[np.isfinite(other)]).max())
        if not np.allclose(own, other, rtol=0.0, atol=limit, equal_nan=True):
            return False
    return True
