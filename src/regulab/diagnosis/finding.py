"""A finding: something worth telling about a training, with the evidence for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

Severity = Literal["info", "warning", "error"]

#: From the lightest to the gravest.
SEVERITIES: tuple[Severity, ...] = ("info", "warning", "error")


@dataclass(frozen=True)
class Finding:
    """One finding.

    Attributes:
        code: Stable name, such as `"OVERFITTING"`.
        severity: `"info"`, `"warning"` or `"error"`.
        message: What was found, in one sentence; epochs count from 1.
        evidence: The numbers it rests on; epochs count from 0.
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
