"""What a check answers: a finding with the evidence for it, that all is well, or that it does not apply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

Severity = Literal["info", "warning", "error"]

#: From the least to the most severe.
SEVERITIES: tuple[Severity, ...] = ("info", "warning", "error")


@dataclass(frozen=True)
class Finding:
    """Something worth reporting about a training.

    Attributes:
        code: Stable name, such as `"OVERFITTING"`.
        severity: `"info"`, `"warning"` or `"error"`.
        message: What was found, in one sentence; epochs count from 1.
        evidence: The numbers it is based on; epochs count from 0.
        advice: What to do about it.
    """

    code: str
    severity: Severity
    message: str
    evidence: Mapping[str, float]
    advice: str

    def document(self) -> dict[str, Any]:
        """The finding as plain values, for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Passed:
    """The check applied, and found nothing."""


@dataclass(frozen=True)
class NotApplicable:
    """The check could not be made.

    Attributes:
        reason: Why, in a few words, such as `"no validation loss recorded"`.
    """

    reason: str


#: What the check of a single training answers.
Outcome = Finding | Passed | NotApplicable
