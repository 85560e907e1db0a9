"""TEST-USED-FOR-VALIDATION: epochs and variants were chosen on the test split."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from regulab.diagnosis.checks.check import StudyCheck
from regulab.diagnosis.finding import Finding, NotApplicable, Passed, Severity
from regulab.histories.history import Histories


class ValidationIsTest(StudyCheck):
    """Reads in the study document whether the validation split is the test split.

    Does not apply where the document does not say.
    """

    code = "TEST-USED-FOR-VALIDATION"
    title = "Epochs and variants were chosen on the test split"
    severity: ClassVar[Severity] = "warning"
    docs = "findings/test-used-for-validation"

    def run(self, study: Mapping[str, Any], histories: Histories) -> tuple[Finding, ...] | Passed | NotApplicable:
        """Check a study."""
        data = study.get("data") or {}
        if "validation_is_test" not in data:
            return NotApplicable("the study does not say which split validated")
        if not data["validation_is_test"]:
            return Passed()
        return (
            self.finding(
                message=(
                    "The test examples were used for validation, so no examples are left to judge the chosen variant."
                ),
                evidence={"examples": int(data.get("validation") or 0)},
                advice=(
                    "This is fine for following a course that does it. For a figure to report, choose epochs and "
                    "variants on a validation split taken from the training examples, and use the test examples once, "
                    "at the end."
                ),
            ),
        )
