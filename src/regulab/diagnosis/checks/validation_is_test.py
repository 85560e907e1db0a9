"""TEST-USED-FOR-VALIDATION: epochs and variants were chosen on the test split."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from regulab.diagnosis.finding import Finding
from regulab.histories.history import Histories


def check(study: Mapping[str, Any], histories: Histories) -> tuple[Finding, ...]:
    """Read in the study document whether the validation split is the test split; silent where it does not say."""
    data = study.get("data") or {}
    if not data.get("validation_is_test"):
        return ()
    examples = int(data.get("validation") or 0)
    return (
        Finding(
            code="TEST-USED-FOR-VALIDATION",
            severity="warning",
            message="The test examples served as validation examples, so no example is left to judge the choice by.",
            evidence={"examples": examples},
            advice=(
                "Fine for following a course that does it. For a figure to report, choose epochs and variants on a "
                "validation split taken from the training examples, and use the test examples once, at the end."
            ),
        ),
    )
