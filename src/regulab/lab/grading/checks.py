"""Checks: what is asked of a learner's variables, and the code that an author tries it with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from regulab.lab.grading.probes import facts_probes
from regulab.lab.grading.rules import Message, Rule


@dataclass(frozen=True)
class Example:
    """Code that an author tries a check with.

    Attributes:
        name: What it shows, such as "penalty on the output layer".
        code: What the learner would have written.
        message: Part of the message that has to come; empty for an answer that has to pass.
        after_solution: Whether it is run after the solution, rather than in its place.
        line: Line of the check's file.
    """

    name: str
    code: str
    message: str
    after_solution: bool = False
    line: int = 0


@dataclass(frozen=True)
class Check:
    """What is looked at when a learner asks "is this right?".

    Attributes:
        name: Name of the check, unique in its session.
        asks: Variables that the learner makes, with the kinds each may have.
        reads: Other variables whose facts the rules need.
        before: Rules on what was made earlier, looked at before the answer itself.
        rules: Rules on the answer, in this order; the first broken one speaks.
        praise: What to say when all hold, with expressions in braces.
        mistakes: Wrong answers that the check has to name.
        answers: Other right answers, which have to pass.
        file: File of the check, for authors.
    """

    name: str
    asks: Mapping[str, tuple[str, ...]]
    reads: tuple[str, ...]
    before: tuple[Rule, ...]
    rules: tuple[Rule, ...]
    praise: Message
    mistakes: tuple[Example, ...] = ()
    answers: tuple[Example, ...] = ()
    file: str = ""

    def names(self) -> tuple[str, ...]:
        """Every variable whose facts are needed."""
        return (*self.asks, *self.reads)

    def probes(self) -> dict[str, str]:
        """What to evaluate in the learner's kernel: expressions that give JSON text, by name."""
        return facts_probes(self.names())
