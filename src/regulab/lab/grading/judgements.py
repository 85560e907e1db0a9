"""What a check decided, as plain records; `wording` turns them into sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from regulab.lab.grading.rules import Message
from regulab.lab.grading.verdicts import Verdict


@dataclass(frozen=True)
class AllRulesHold:
    """The answer is right; `praise` is the author's."""

    verdict: ClassVar = Verdict.PASSED
    praise: Message


@dataclass(frozen=True)
class NothingAssigned:
    """None of the variables that the task asks for has a value."""

    verdict: ClassVar = Verdict.NOT_ATTEMPTED
    asked: tuple[str, ...]


@dataclass(frozen=True)
class SomeUnassigned:
    """Some of the variables that the task asks for have no value."""

    verdict: ClassVar = Verdict.NOT_YET
    missing: tuple[str, ...]
    asked: tuple[str, ...]


@dataclass(frozen=True)
class WrongKind:
    """A variable holds another kind of value; `type` is its Python type, or None where that is not known."""

    verdict: ClassVar = Verdict.NOT_YET
    name: str
    kind: str
    type: str | None
    expected: tuple[str, ...]


@dataclass(frozen=True)
class NotFinite:
    """A variable holds a number that the rules cannot compute with: NaN, infinite, or beyond 64 bits."""

    verdict: ClassVar = Verdict.NOT_YET
    name: str


@dataclass(frozen=True)
class RuleBroken:
    """A rule does not hold; `message` is the author's."""

    verdict: ClassVar = Verdict.NOT_YET
    message: Message


@dataclass(frozen=True)
class NoAnswer:
    """The kernel gave no facts about a variable, or too many."""

    verdict: ClassVar = Verdict.COULD_NOT_CHECK
    name: str


@dataclass(frozen=True)
class NotFacts:
    """What the kernel gave for a variable is no facts."""

    verdict: ClassVar = Verdict.COULD_NOT_CHECK
    name: str


@dataclass(frozen=True)
class RuleFailed:
    """A rule could not be evaluated on these facts."""

    verdict: ClassVar = Verdict.COULD_NOT_CHECK
    file: str
    line: int
    error: str


Reason = (
    AllRulesHold
    | NothingAssigned
    | SomeUnassigned
    | WrongKind
    | NotFinite
    | RuleBroken
    | NoAnswer
    | NotFacts
    | RuleFailed
)


@dataclass(frozen=True)
class Judgement:
    """The answer of a check.

    Attributes:
        check: Name of the check.
        reason: Why the verdict is what it is.
    """

    check: str
    reason: Reason

    @property
    def verdict(self) -> Verdict:
        """The verdict, which follows from the reason."""
        verdict: Verdict = self.reason.verdict
        return verdict

    @property
    def passed(self) -> bool:
        """Whether the answer is right."""
        return self.verdict is Verdict.PASSED
