"""DUPLICATES-ACROSS-SPLITS: training examples appear among the validation or test examples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from regulab.diagnosis.checks.check import StudyCheck
from regulab.diagnosis.finding import Finding, NotApplicable, Passed, Severity
from regulab.histories.history import Histories

# From this share of a split on it matters.
SHARE = 0.01


class DuplicatesAcrossSplits(StudyCheck):
    """Reads in the study document how many rows of a split are training rows, too.

    An info where they are less than 1% of a split. Does not apply where the document does not say.
    """

    code = "DUPLICATES-ACROSS-SPLITS"
    title = "Training examples appear among the validation or test examples"
    severity: ClassVar[Severity] = "warning"
    docs = "findings/duplicates-across-splits"

    def run(self, study: Mapping[str, Any], histories: Histories) -> tuple[Finding, ...] | Passed | NotApplicable:
        """Check a study."""
        data = study.get("data") or {}
        counts = data.get("duplicates")
        if counts is None:
            return NotApplicable("duplicates were not counted")
        duplicates = {split: int(count) for split, count in counts.items() if split in ("validation", "test") and count}
        if not duplicates:
            return Passed()
        shares = {split: count / max(int(data.get(split) or count), 1) for split, count in duplicates.items()}
        counted = " and ".join(
            f"{count} {split} example{'s' * (count > 1)} ({shares[split]:.1%})" for split, count in duplicates.items()
        )
        verb = "is" if sum(duplicates.values()) == 1 else "are"
        return (
            self.finding(
                severity="warning" if max(shares.values()) >= SHARE else "info",
                message=f"{counted} {verb} in the training split, too.",
                evidence={**duplicates, **{f"{split}_share": share for split, share in shares.items()}},
                advice=(
                    "A model that memorizes examples gets these right without having learned anything general, which "
                    "hides overfitting. Remove them from the validation and test splits, or split by group."
                ),
            ),
        )
