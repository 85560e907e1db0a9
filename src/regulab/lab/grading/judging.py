"""Judging: facts in, a judgement out, away from the learner's kernel.

How the lab uses it: the panel has the learner's kernel evaluate `check.probes()`, the server hands the JSON texts to
`judge`, and `wording.message_for` puts the judgement into sentences. Nothing is executed here, and the work is bounded,
also for rules of a session that somebody else wrote.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from regulab.lab.grading.checks import Check
from regulab.lab.grading.grammar import ExpressionError
from regulab.lab.grading.judgements import (
    AllRulesHold,
    Judgement,
    NoAnswer,
    NotFacts,
    NotFinite,
    NothingAssigned,
    Reason,
    RuleBroken,
    RuleFailed,
    SomeUnassigned,
    WrongKind,
)
from regulab.lab.grading.rules import Message, Rule

#: Characters of the facts about one variable; the kernel never gives more.
LONGEST_FACTS = 2_000_000


def judge(check: Check, texts: Mapping[str, str | None]) -> Judgement:
    """Judge an answer by its facts. Never raises: what cannot be judged is `could not check`.

    Args:
        check: What is asked.
        texts: JSON text by variable, as the kernel gave it; None or missing where it gave none.

    Example:
        >>> check = Check("batches", {"batches": ("number",)}, (), (), (), Message(why="Right."))
        >>> judge(check, {"batches": '{"there": true, "kind": "number", "value": 40}'}).verdict
        <Verdict.PASSED: 'passed'>
        >>> judge(check, {"batches": '{"there": false, "kind": "missing"}'}).reason
        NothingAssigned(asked=('batches',))
    """
    try:
        reason = _reason(check, {name: _facts(name, texts.get(name)) for name in check.names()})
    except _CouldNotCheckError as error:
        reason = error.reason
    return Judgement(check.name, reason)


class _CouldNotCheckError(Exception):
    def __init__(self, reason: Reason) -> None:
        self.reason = reason


def _facts(name: str, text: str | None) -> dict[str, Any]:
    """The facts about one variable."""
    if text is None or len(text) > LONGEST_FACTS:
        raise _CouldNotCheckError(NoAnswer(name))
    try:
        facts = json.loads(text)
    except (ValueError, RecursionError):
        facts = None
    if not isinstance(facts, dict) or not isinstance(facts.get("kind"), str):
        raise _CouldNotCheckError(NotFacts(name))
    return facts


def _reason(check: Check, facts: Mapping[str, Mapping[str, Any]]) -> Reason:
    missing = tuple(name for name in check.asks if not facts[name].get("there"))
    if len(missing) == len(check.asks):
        # A mistake of an earlier task may be what keeps the answer from coming into being; such rules have a `when`.
        message = _first_broken(tuple(rule for rule in check.before if rule.when), facts)
        return RuleBroken(message) if message else NothingAssigned(missing)
    message = _first_broken(check.before, facts)
    if message is not None:
        return RuleBroken(message)
    if missing:
        return SomeUnassigned(missing, tuple(check.asks))
    for name, kinds in check.asks.items():
        if facts[name]["kind"] not in kinds:
            return WrongKind(name, facts[name]["kind"], facts[name].get("type"), kinds)
    try:
        message = _first_broken(check.rules, facts)
    except _CouldNotCheckError:
        # Rules count and compare, which a number that facts cannot hold does not allow.
        for name in check.asks:
            if facts[name]["kind"] == "number" and facts[name].get("value") is None:
                return NotFinite(name)
        raise
    return RuleBroken(message) if message else AllRulesHold(check.praise.filled(facts))


def _first_broken(rules: tuple[Rule, ...], facts: Mapping[str, Any]) -> Message | None:
    """The message of the first rule that does not hold."""
    for rule in rules:
        try:
            message = rule.broken(facts)
        except ExpressionError as error:
            raise _CouldNotCheckError(RuleFailed(rule.file, rule.line, str(error))) from None
        if message is not None:
            return message
    return None
