"""Running all checks on a training, or on a study, and sorting their answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from regulab.diagnosis.analysis import CurveAnalysis, analyze
from regulab.diagnosis.checks import CHECKS, CODES, STUDY_CHECKS
from regulab.diagnosis.finding import Finding, NotApplicable, Passed
from regulab.errors import InputError
from regulab.histories.history import Histories, History


@dataclass(frozen=True)
class CheckResults:
    """What all checks answered; every check is in one of these.

    Attributes:
        findings: The most important first.
        ignored: Findings that were muted.
        passed: Codes of the checks that found nothing.
        not_applicable: For each code of a check that could not be made the reason.
    """

    findings: tuple[Finding, ...] = ()
    ignored: tuple[Finding, ...] = ()
    passed: tuple[str, ...] = ()
    not_applicable: Mapping[str, str] = field(default_factory=dict)


def run_checks(analysis: CurveAnalysis, *, ignore: frozenset[str] = frozenset()) -> CheckResults:
    """Run every check on one training.

    Args:
        analysis: Of its curves.
        ignore: Codes of findings to mute.

    Example:
        >>> results = run_checks(analyze(History("log.csv", 0, {"loss": (0.6, 0.5, 0.4, 0.4)})))
        >>> results.passed, results.not_applicable["OVERFITTING"]
        (('NOT-A-NUMBER', 'DIVERGED', 'TOO-SHORT'), 'no validation loss recorded')
    """
    return _sorted(((check.code, check.run(analysis)) for check in CHECKS), ignore)


def run_study_checks(
    study: Mapping[str, Any], histories: Histories, *, ignore: frozenset[str] = frozenset()
) -> CheckResults:
    """Run every check on a study as a whole.

    Args:
        study: The study document (`study.json`).
        histories: Its trainings.
        ignore: Codes of findings to mute.
    """
    return _sorted(((check.code, check.run(study, histories)) for check in STUDY_CHECKS), ignore)


def diagnose_member(history: History) -> tuple[Finding, ...]:
    """Every finding about one member's training, the most important first.

    Example:
        >>> losses = {"train_data_loss": (0.6, 0.3, 0.2, 0.1), "val_data_loss": (0.6, 0.4, 0.6, 0.7)}
        >>> [finding.code for finding in diagnose_member(History("baseline", 0, losses))]
        ['OVERFITTING']
    """
    return run_checks(analyze(history)).findings


def diagnose_study(study: Mapping[str, Any], histories: Histories) -> tuple[Finding, ...]:
    """Every finding about a study as a whole, the most important first.

    Example:
        >>> [finding.code for finding in diagnose_study({"data": {"validation_is_test": True}}, Histories(()))]
        ['TEST-USED-FOR-VALIDATION']
    """
    return run_study_checks(study, histories).findings


def known_codes(codes: Iterable[str]) -> frozenset[str]:
    """Codes of findings as a user gives them, in any case.

    Raises:
        InputError: If there is no such finding.

    Example:
        >>> sorted(known_codes(["overfitting", "DIVERGED"]))
        ['DIVERGED', 'OVERFITTING']
    """
    # A text is one code, or several with commas, as on the command line.
    given = codes.split(",") if isinstance(codes, str) else codes
    cleaned = [code.strip().upper() for code in given]
    for code in cleaned:
        if code not in CODES:
            raise InputError(f"No finding '{code}' to ignore. Available: {', '.join(CODES)}.")
    return frozenset(cleaned)


def _sorted(
    outcomes: Iterable[tuple[str, Finding | tuple[Finding, ...] | Passed | NotApplicable]], ignore: frozenset[str]
) -> CheckResults:
    findings: list[Finding] = []
    ignored: list[Finding] = []
    passed: list[str] = []
    not_applicable: dict[str, str] = {}
    for code, outcome in outcomes:
        if isinstance(outcome, Passed):
            passed.append(code)
        elif isinstance(outcome, NotApplicable):
            not_applicable[code] = outcome.reason
        else:
            (ignored if code in ignore else findings).extend(outcome if isinstance(outcome, tuple) else (outcome,))
    return CheckResults(tuple(findings), tuple(ignored), tuple(passed), not_applicable)
