"""Rules: what has to hold for an answer, and what to tell the learner if it does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from regulab.lab.grading.expressions import evaluate, fill


@dataclass(frozen=True)
class Message:
    """What a check tells the learner: three short texts in Markdown, any of which may be empty.

    Attributes:
        seen: What is in the learner's notebook.
        why: Why that is not yet right, or why it is.
        next: What to look at next.
    """

    seen: str = ""
    why: str = ""
    next: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in (self.seen, self.why, self.next) if part)

    def filled(self, facts: Mapping[str, Any]) -> Message:
        """The message with the values of its expressions, which stand in braces."""
        return Message(fill(self.seen, facts), fill(self.why, facts), fill(self.next, facts))


@dataclass(frozen=True)
class Rule:
    """One thing that has to hold.

    Attributes:
        require: Expression over the facts that has to be true, in the language of `regulab.lab.grading.expressions`.
        message: What to tell the learner if it is not, with expressions in braces.
        when: Expression that says whether the rule applies; empty for always.
        file: File that holds the rule, for authors.
        line: Its line there.
    """

    require: str
    message: Message
    when: str = ""
    file: str = ""
    line: int = 0

    def broken(self, facts: Mapping[str, Any]) -> Message | None:
        """The message if the rule is broken, else None.

        Raises:
            ExpressionError: If the rule cannot be evaluated on these facts.

        Example:
            >>> rule = Rule("batches.value == 40", Message(seen="`batches` is {batches.value}."))
            >>> str(rule.broken({"batches": {"value": 39}}))
            '`batches` is 39.'
        """
        if self.when and not evaluate(self.when, facts):
            return None
        if evaluate(self.require, facts):
            return None
        return self.message.filled(facts)
