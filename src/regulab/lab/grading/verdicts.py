"""The four verdicts of a check, and the one verdict of a task with several checks."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum


class Verdict(StrEnum):
    """What a check says of an answer; its value stands in the progress file and in what the panel is sent."""

    PASSED = "passed"
    NOT_YET = "not yet"
    NOT_ATTEMPTED = "not attempted"
    COULD_NOT_CHECK = "could not check"


# The check that is furthest from passing decides.
_WORST_FIRST = (Verdict.COULD_NOT_CHECK, Verdict.NOT_YET, Verdict.NOT_ATTEMPTED, Verdict.PASSED)


def combined(verdicts: Collection[Verdict]) -> Verdict:
    """The verdict of a task, from those of its checks; one that is partly done is "not yet".

    Example:
        >>> combined([Verdict.PASSED, Verdict.NOT_ATTEMPTED])
        <Verdict.NOT_YET: 'not yet'>
    """
    worst = next(verdict for verdict in _WORST_FIRST if verdict in verdicts)
    return Verdict.NOT_YET if worst is Verdict.NOT_ATTEMPTED and Verdict.PASSED in verdicts else worst
