"""One file a coded finding: each takes a member's history and answers with a finding or None."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from regulab.findings.checks import not_a_number, overfitting, still_improving
from regulab.findings.finding import Finding
from regulab.histories.history import Histories, History

Check = Callable[[History], Finding | None]

#: The checks, in the order of importance in which findings are told.
CHECKS: tuple[Check, ...] = (not_a_number.check, overfitting.check, still_improving.check)


def diagnose_member(history: History) -> tuple[Finding, ...]:
    """Every finding about one member's training, the most important first.

    Example:
        >>> losses = {"train_data_loss": (0.6, 0.3, 0.1), "val_data_loss": (0.6, 0.4, 0.7)}
        >>> [finding.code for finding in diagnose_member(History("baseline", 0, losses))]
        ['OVERFITTING']
    """
    return tuple(finding for check in CHECKS if (finding := check(history)) is not None)


def diagnose_study(study: Mapping[str, Any], histories: Histories) -> tuple[Finding, ...]:
    """Every finding about a study as a whole, the most important first."""
    return ()
