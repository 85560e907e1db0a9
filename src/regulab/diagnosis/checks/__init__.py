"""One file a coded finding: each takes a member's history, or a study, and answers with what it found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from regulab.diagnosis.checks import (
    diverged,
    dropout_hides,
    duplicates,
    edge_of_grid,
    memorization,
    noisy_validation,
    not_a_number,
    overconfident,
    overfitting,
    penalty_hides,
    still_improving,
    too_short,
    underfitting,
    validation_easier,
    validation_is_test,
)
from regulab.diagnosis.finding import Finding
from regulab.histories.history import Histories, History

Check = Callable[[History], Finding | None]
StudyCheck = Callable[[Mapping[str, Any], Histories], tuple[Finding, ...]]

#: The checks of a single training, in the order of importance in which findings are told.
CHECKS: tuple[Check, ...] = (
    not_a_number.check,
    diverged.check,
    overfitting.check,
    memorization.check,
    penalty_hides.check,
    underfitting.check,
    overconfident.check,
    validation_easier.check,
    dropout_hides.check,
    noisy_validation.check,
    too_short.check,
    still_improving.check,
)

#: The checks of a study as a whole, likewise.
STUDY_CHECKS: tuple[StudyCheck, ...] = (
    duplicates.check,
    validation_is_test.check,
    underfitting.check_study,
    edge_of_grid.check,
)


def diagnose_member(history: History) -> tuple[Finding, ...]:
    """Every finding about one member's training, the most important first.

    Example:
        >>> losses = {"train_data_loss": (0.6, 0.3, 0.2, 0.1), "val_data_loss": (0.6, 0.4, 0.6, 0.7)}
        >>> [finding.code for finding in diagnose_member(History("baseline", 0, losses))]
        ['OVERFITTING']
    """
    return tuple(finding for check in CHECKS if (finding := check(history)) is not None)


def diagnose_study(study: Mapping[str, Any], histories: Histories) -> tuple[Finding, ...]:
    """Every finding about a study as a whole, the most important first.

    Example:
        >>> [finding.code for finding in diagnose_study({"data": {"validation_is_test": True}}, Histories(()))]
        ['TEST-USED-FOR-VALIDATION']
    """
    return tuple(finding for check in STUDY_CHECKS for finding in check(study, histories))
