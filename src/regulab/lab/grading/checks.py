"""Checks: facts in, one of four verdicts out, away from the learner's kernel.

How the lab uses it: the panel has the learner's kernel evaluate `check.probes()`, the server hands the JSON texts to
`judge`, and the panel shows the `Judgement`. The kernel hands out the repr of a text, of which `ast.literal_eval` gives
the text itself. Nothing is executed here, and the work is
bounded, also for rules of a session that somebody else wrote.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from regulab.lab.grading.expressions import fill
from regulab.lab.grading.grammar import ExpressionError
from regulab.lab.grading.probes import facts_probes
from regulab.lab.grading.rules import Message, Rule
from regulab.lab.grading.verdicts import COULD_NOT_CHECK, NOT_ATTEMPTED, NOT_YET, PASSED

#: Facts longer than this are refused: the probe never makes them.
LONGEST_FACTS = 2_000_000

#: Kinds of values, in words.
KINDS: Mapping[str, str] = {
    "array": "an array",
    "axes": "Matplotlib's axes",
    "function": "a function",
    "history": "what `fit` returned (a History)",
    "list": "a list",
    "model": "a Keras model",
    "nothing": "None",
    "number": "a number",
    "other": "something else",
    "placeholder": "still `...`",
    "results": "regulab's results",
    "sparse": "a sparse matrix",
    "table": "a dict",
    "text": "a text",
    "truth": "True or False",
}


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


@dataclass(frozen=True)
class Judgement:
    """The answer of a check.

    Attributes:
        check: Name of the check.
        verdict: `passed`, `not yet`, `not attempted` or `could not check`.
        message: What was seen, why, and what to look at next.
    """

    check: str
    verdict: str
    message: Message

    @property
    def passed(self) -> bool:
        """Whether the answer is right."""
        return self.verdict == PASSED

    def document(self) -> dict[str, Any]:
        """Plain values for JSON."""
        said = self.message
        return {
            "check": self.check,
            "verdict": self.verdict,
            "message": {"seen": said.seen, "why": said.why, "next": said.next},
        }


def judge(check: Check, texts: Mapping[str, str | None]) -> Judgement:
    """Judge an answer by its facts. Never raises: what cannot be judged is `could not check`.

    Args:
        check: What is asked.
        texts: JSON text by variable, as the probe gave it; None or missing where the probe failed.

    Example:
        >>> check = Check("batches", {"batches": ("number",)}, (), (), (), Message(why="Right."))
        >>> judge(check, {"batches": '{"there": true, "kind": "number", "value": 40}'}).verdict
        'passed'
        >>> judge(check, {"batches": '{"there": false, "kind": "missing"}'}).verdict
        'not attempted'
    """
    try:
        facts = _facts(check, texts)
        verdict, message = _verdict(check, facts)
    except (_UnreadableError, ExpressionError) as error:
        message = Message(
            seen=f"This check could not be carried out: {error}.",
            next="Run your cells once more and check again. If it stays so, restart the kernel and run all cells.",
        )
        verdict = COULD_NOT_CHECK
    return Judgement(check.name, verdict, message)


class _UnreadableError(Exception):
    pass


def _facts(check: Check, texts: Mapping[str, str | None]) -> dict[str, Any]:
    found = {}
    for name in check.names():
        text = texts.get(name)
        if text is None or len(text) > LONGEST_FACTS:
            raise _UnreadableError(f"`{name}` could not be read from the kernel")
        try:
            facts = json.loads(text)
        except (ValueError, RecursionError):
            facts = None
        if not isinstance(facts, dict) or not isinstance(facts.get("kind"), str):
            raise _UnreadableError(f"what was read of `{name}` is not a fact")
        found[name] = facts
    return found


def _verdict(check: Check, facts: dict[str, Any]) -> tuple[str, Message]:
    missing = [name for name in check.asks if not facts[name].get("there")]
    if len(missing) == len(check.asks):
        wanted = ", ".join(f"`{name}`" for name in check.asks)
        # A mistake of an earlier task may be what keeps the answer from coming into being; such rules have a `when`.
        tried = _first_broken(tuple(rule for rule in check.before if rule.when), facts)
        if tried is not None:
            return NOT_YET, tried
        return NOT_ATTEMPTED, Message(
            seen=f"There is no {wanted} in the notebook yet."
            if len(missing) == 1
            else f"None of {wanted} is there yet.",
            next="Fill in this task's cell and run it with Shift+Enter; then check again.",
        )
    early = _first_broken(check.before, facts)
    if early is not None:
        return NOT_YET, early
    if missing:
        names = ", ".join(f"`{name}`" for name in missing)
        return NOT_YET, Message(
            seen=f"{names} {'is' if len(missing) == 1 else 'are'} not there yet.",
            why="The task asks for all of " + ", ".join(f"`{name}`" for name in check.asks) + ".",
            next="Was the cell run to its end? An error in it leaves out what comes after.",
        )
    for name, kinds in check.asks.items():
        if facts[name]["kind"] not in kinds:
            return NOT_YET, _wrong_kind(name, kinds, facts[name])
    try:
        broken = _first_broken(check.rules, facts)
    except ExpressionError:
        # Rules count and compare, which a number that facts cannot hold does not allow.
        broken = _no_number(check, facts)
        if broken is None:
            raise
    if broken is not None:
        return NOT_YET, broken
    said = check.praise
    return PASSED, Message(fill(said.seen, facts), fill(said.why, facts), fill(said.next, facts))


def _wrong_kind(name: str, kinds: tuple[str, ...], facts: Mapping[str, Any]) -> Message:
    wanted = " or ".join(KINDS[kind] for kind in kinds)
    got = KINDS.get(facts["kind"], facts["kind"])
    hint = "Look at the line that assigns it."
    if kinds == ("history",):
        hint = {
            "model": "Keep what `fit` returns: `name = model.fit(...)`.",
            "table": "Keep what `fit` returns itself, without `.history` behind it.",
        }.get(facts["kind"], hint)
    if "axes" in kinds and facts["kind"] == "nothing":
        hint = "Does the function end with `return ax`?"
    if facts["kind"] == "list" and kinds == ("number",):
        hint = "A list has several numbers; take the one asked for, by its place in brackets."
    return Message(seen=f"`{name}` is {got} (type {facts.get('type')}).", why=f"Expected {wanted}.", next=hint)


def _no_number(check: Check, facts: Mapping[str, Any]) -> Message | None:
    for name in check.asks:
        if facts[name]["kind"] == "number" and facts[name].get("value") is None:
            return Message(
                seen=f"`{name}` is not a number (NaN), infinite, or beyond 64 bits.",
                why="A division by zero gives such numbers, and so does a training that broke down.",
                next="Look at the values on the line that assigns it.",
            )
    return None


def _first_broken(rules: tuple[Rule, ...], facts: Mapping[str, Any]) -> Message | None:
    for rule in rules:
        try:
            message = rule.broken(facts)
        except ExpressionError as error:
            raise ExpressionError(f"rule in {rule.file}, line {rule.line}: {error}") from None
        if message is not None:
            return message
    return None
