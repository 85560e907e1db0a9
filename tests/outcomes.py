"""What a check answers, for tests that expect a certain kind of answer."""

from __future__ import annotations

from regulab.diagnosis.analysis import analyze
from regulab.diagnosis.checks.check import Check
from regulab.diagnosis.finding import Finding, NotApplicable, Passed
from regulab.histories.history import History


def finding_of(check: Check, history: History) -> Finding:
    """The finding of a check that has to give one."""
    outcome = check.run(analyze(history))
    assert isinstance(outcome, Finding), outcome
    return outcome


def passes(check: Check, history: History) -> bool:
    """Whether a check applies and finds nothing."""
    return check.run(analyze(history)) == Passed()


def reason_of(check: Check, history: History) -> str:
    """Why a check does not apply, which it has to."""
    outcome = check.run(analyze(history))
    assert isinstance(outcome, NotApplicable), outcome
    return outcome.reason


def is_silent(check: Check, history: History) -> bool:
    """Whether a check has no finding, be it that it passes or does not apply."""
    return not isinstance(check.run(analyze(history)), Finding)
