from __future__ import annotations

import json
from typing import Any

import pytest

from regulab.lab.grading.checks import Check
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
from regulab.lab.grading.judging import judge
from regulab.lab.grading.rules import Message, Rule
from regulab.lab.grading.verdicts import Verdict, combined
from regulab.lab.grading.wording import message_for

MISSING = {"there": False, "kind": "missing", "type": None}
POSITIVE = Rule("rate.value > 0", Message(seen="`rate` is {rate.value}."), file="checks/rate.yaml", line=7)
CHECK = Check("rate", {"rate": ("number",)}, (), (), (POSITIVE,), Message(why="Right: {rate.value}."))
BOTH = Check("both", {"rate": ("number",), "size": ("number",)}, (), (), (), Message(why="Right."))


def number(value: float | None) -> dict[str, Any]:
    return {"there": True, "kind": "number", "type": "float", "value": value}


def reason(check: Check, **facts: Any) -> Reason:
    return judge(check, {name: json.dumps(value) for name, value in facts.items()}).reason


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"rate": number(0.5)}, AllRulesHold(Message(why="Right: 0.5."))),
        ({"rate": number(-1)}, RuleBroken(Message(seen="`rate` is -1."))),
        ({"rate": MISSING}, NothingAssigned(("rate",))),
        ({"rate": {"there": True, "kind": "text", "type": "str"}}, WrongKind("rate", "text", "str", ("number",))),
        ({"rate": number(None)}, NotFinite("rate")),
        ({"rate": 3}, NotFacts("rate")),
        ({}, NoAnswer("rate")),
    ],
)
def test_a_judgement_is_a_record(facts: dict[str, Any], expected: Reason) -> None:
    assert reason(CHECK, **facts) == expected


def test_missing_variables_are_listed_with_those_asked() -> None:
    assert reason(BOTH, rate=number(1), size=MISSING) == SomeUnassigned(("size",), ("rate", "size"))


def test_a_rule_that_fails_is_named_by_file_and_line() -> None:
    compares = Rule("rate.value + 'x' == 1", Message(), file="checks/rate.yaml", line=9)
    failing = Check("rate", CHECK.asks, (), (), (compares,), Message())
    failed = reason(failing, rate=number(1))
    assert isinstance(failed, RuleFailed)
    assert (failed.file, failed.line) == ("checks/rate.yaml", 9)


@pytest.mark.parametrize(
    ("verdicts", "verdict"),
    [
        ([Verdict.PASSED, Verdict.PASSED], Verdict.PASSED),
        ([Verdict.PASSED, Verdict.NOT_YET], Verdict.NOT_YET),
        ([Verdict.NOT_ATTEMPTED, Verdict.NOT_ATTEMPTED], Verdict.NOT_ATTEMPTED),
        ([Verdict.PASSED, Verdict.NOT_ATTEMPTED], Verdict.NOT_YET),
        ([Verdict.NOT_ATTEMPTED, Verdict.NOT_YET], Verdict.NOT_YET),
        ([Verdict.PASSED, Verdict.NOT_ATTEMPTED, Verdict.COULD_NOT_CHECK], Verdict.COULD_NOT_CHECK),
    ],
)
def test_a_task_with_several_checks_has_one_verdict(verdicts: list[Verdict], verdict: Verdict) -> None:
    assert combined(verdicts) is verdict


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        (NothingAssigned(("rate",)), "There is no `rate` in the notebook yet."),
        (NothingAssigned(("rate", "size", "step")), "There is no `rate`, `size` or `step` in the notebook yet."),
        (SomeUnassigned(("size",), ("rate", "size")), "`size` is not there yet. The task asks for `rate` and `size`."),
        (WrongKind("rate", "text", "str", ("number", "list")), "is a string (type str). Expected a number or a list."),
        (WrongKind("h", "model", "Sequential", ("history",)), "Keep what `fit` returns: `h = model.fit(...)`."),
        (WrongKind("h", "table", "dict", ("history",)), "without `.history` after it."),
        (WrongKind("ax", "nothing", "NoneType", ("axes",)), "Does the function end with `return ax`?"),
        (WrongKind("loss", "list", "list", ("number",)), "Pick one by its index"),
        (NotFinite("rate"), "`rate` is NaN, infinite or beyond 64 bits."),
        (NoAnswer("rate"), "This check could not run: `rate` could not be read from the kernel."),
        (NotFacts("rate"), "This check could not run: the kernel's answer about `rate` makes no sense."),
        (RuleFailed("checks/rate.yaml", 9, "no"), "This check could not run: rule in checks/rate.yaml, line 9: no."),
        (RuleBroken(Message(seen="The author's.")), "The author's."),
    ],
)  # fmt: skip
def test_each_reason_has_its_sentence(reason: Reason, text: str) -> None:
    assert text in str(message_for(Judgement("rate", reason)))
