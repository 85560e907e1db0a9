from __future__ import annotations

import json
from typing import Any

import pytest

from regulab.lab.grading.checks import Check
from regulab.lab.grading.expressions import STEPS, evaluate, fill
from regulab.lab.grading.grammar import ExpressionError, parse
from regulab.lab.grading.judging import judge
from regulab.lab.grading.rules import Message, Rule
from regulab.lab.grading.wording import message_for

NUMBER = {"there": True, "kind": "number", "type": "int"}
MISSING = {"there": False, "kind": "missing", "type": None}


def check(*rules: Rule, before: tuple[Rule, ...] = (), asks: tuple[str, ...] = ("a",)) -> Check:
    return Check("c", dict.fromkeys(asks, ("number",)), ("b",), before, rules, Message(why="Right: {a.value}."))


def verdict(asked: Check, **facts: Any) -> tuple[str, str]:
    judgement = judge(asked, {name: json.dumps(value) for name, value in facts.items()})
    return judgement.verdict, str(message_for(judgement))


POSITIVE = Rule("a.value > 0", Message(seen="`a` is {a.value}.", why="It has to be positive."))


def test_an_answer_that_keeps_all_rules_passes_with_praise() -> None:
    assert verdict(check(POSITIVE), a=NUMBER | {"value": 3}, b=MISSING) == ("passed", "Right: 3.")


def test_the_message_is_that_of_the_first_broken_rule() -> None:
    other = Rule("a.value > 10", Message(seen="Too small."))
    answer = verdict(check(POSITIVE, other), a=NUMBER | {"value": -1}, b=MISSING)
    assert answer == ("not yet", "`a` is -1. It has to be positive.")


def test_a_rule_counts_only_when_it_applies() -> None:
    rule = Rule("a.value > 10", Message(seen="Too small."), when="b.there")
    assert verdict(check(rule), a=NUMBER | {"value": 1}, b=MISSING)[0] == "passed"
    assert verdict(check(rule), a=NUMBER | {"value": 1}, b=NUMBER | {"value": 1})[0] == "not yet"


def test_no_variable_is_not_attempted_and_some_are_not_yet() -> None:
    both = check(asks=("a", "c"))
    placeholder = {"there": False, "kind": "placeholder", "type": "ellipsis"}
    assert verdict(both, a=MISSING, c=placeholder, b=MISSING)[0] == "not attempted"
    kind, message = verdict(both, a=NUMBER | {"value": 1}, c=MISSING, b=MISSING)
    assert kind == "not yet"
    assert message.startswith("`c` is not there yet.")


def test_an_earlier_mistake_is_named_even_if_it_prevented_the_answer() -> None:
    asked = check(before=(Rule("b.value == 1", Message(seen="`b` is wrong."), when="b.kind == 'number'"),))
    assert verdict(asked, a=MISSING, b=NUMBER | {"value": 2}) == ("not yet", "`b` is wrong.")
    assert verdict(asked, a=MISSING, b=MISSING)[0] == "not attempted"


def test_another_kind_of_value_is_named_in_words() -> None:
    kind, message = verdict(check(), a={"there": True, "kind": "text", "type": "str"}, b=MISSING)
    assert kind == "not yet"
    assert "`a` is a string (type str). Expected a number." in message


def test_a_number_that_is_not_finite_is_the_learners_mistake_and_not_the_checks() -> None:
    nan = NUMBER | {"value": None}
    kind, message = verdict(check(Rule("a.value == ceil(a.value)", Message(seen="Round up."))), a=nan, b=MISSING)
    assert kind == "not yet"
    assert message.startswith("`a` is NaN, infinite")
    # An author who reckons with it has the word.
    own = check(Rule("a.value is not None", Message(seen="NaN it is.")))
    assert verdict(own, a=nan, b=MISSING) == ("not yet", "NaN it is.")


@pytest.mark.parametrize("text", [None, "", "not JSON", "[1]", '{"there": true}', "x" * 3_000_000])
def test_facts_that_cannot_be_read_could_not_be_checked(text: str | None) -> None:
    assert judge(check(), {"a": text, "b": json.dumps(MISSING)}).verdict == "could not check"


def test_a_rule_that_fails_on_the_facts_could_not_be_checked() -> None:
    asked = check(Rule("a.value + 'x' == 1", Message(seen="No."), file="checks/c.yaml", line=7))
    kind, message = verdict(asked, a=NUMBER | {"value": 1}, b=MISSING)
    assert kind == "could not check"
    assert "checks/c.yaml, line 7" in message


def test_expressions_read_facts_and_a_missing_one_is_none() -> None:
    facts = {"m": {"layers": [{"units": 16}, {"rate": 0.5}], "keys": ["loss"]}}
    assert evaluate("m.layers[0].units == 16 and m.layers[9].units is None and m.other.deep is None", facts)
    assert evaluate("'loss' in m.keys and len(m.layers) == 2", facts)
    assert evaluate("[unit.units for unit in m.layers if unit.units]", facts) == [16]
    assert evaluate("all(a + b == c for a, b, c in [[1, 2, 3], [0, 1, 1]])", facts) is True
    assert evaluate("argmin([3, 1, 2]) + 1", facts) == 2


def test_a_shift_is_found_even_if_the_ends_are_cut_off() -> None:
    ids = [list(range(0, 40, 2)), list(range(5, 60, 3))]
    assert evaluate("shifted(rows, ids)", {"rows": ids, "ids": ids}) == 0
    cut = [[i - 3 for i in row if i >= 3] for row in ids]
    assert evaluate("shifted(rows, ids)", {"rows": cut, "ids": ids}) == -3
    assert evaluate("shifted(rows, ids)", {"rows": [[100], [200]], "ids": ids}) is None


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')",
        "a.__class__.__mro__[1]()",
        "(lambda: 1)()",
        "2 ** 999999999",
        "open('x')",
        "f'{a}'",
        "a := 1",
        "sum(*a)",
        "1 << 99",
        "~5",
        "a[::2]",
        "a[1:2, 3]",
        "[b for (b, c), d in a]",
        "[0 for b.c in a]",
        "[0 for b, *c in a]",
        "[b async for b in a]",
        "b'x' * 999999999",
        "1j",
        "9" * 20,
        "-" * 500 + "a()",
        "(" + "not " * 300 + "a)()",
        "",
        "(" * 500,
    ],
)
def test_expressions_cannot_call_or_reach_anything_else(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse(text)


def test_attributes_are_keys_and_never_pythons_own() -> None:
    assert evaluate("a.__class__", {"a": {"b": 1}}) is None
    assert evaluate("a.keys", {"a": {"b": 1}}) is None


def test_an_expression_has_limited_steps() -> None:
    with pytest.raises(ExpressionError, match="steps"):
        evaluate("[x for x in a for y in a for z in a]", {"a": list(range(200))})
    for text in ("[sorted(a) for x in a]", "[a == a for x in a]", "[a + a for x in a]", "[a[:] for x in a]"):
        with pytest.raises(ExpressionError, match="steps"):
            evaluate(text, {"a": list(range(4_000))})
    with pytest.raises(ExpressionError, match="only numbers"):
        evaluate("'x' * 999999999", {})
    with pytest.raises(ExpressionError, match="only numbers"):
        evaluate("[1] * 999999999", {})


def nested(levels: int) -> str:
    """Lists of lists, twice as many parts for each level, made of one small list."""
    return "for a in [[1]] " + "for a in [[a, a]] " * levels


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[a for a in [9] " + "for a in [a * a] " * 20 + "]", "beyond 64 bits"),
        ("sum([9223372036854775807, 1])", "beyond 64 bits"),
        ("ceil(1e300)", "beyond 64 bits"),
        ("huge", "beyond 64 bits"),
        ("round(5, -4000000)", "at most 20 places"),
        (f"[close(a, a) {nested(18)}]", "steps"),
        (f"[listed(a) {nested(18)}]", "steps"),
        (f"[a == [a] {nested(18)}]", "steps"),
        (f"[len([b for b in [a, a] if sorted(b)]) {nested(18)}]", "steps"),
        (f"[close(a, a) {'for a in [1] ' + 'for a in [[a]] ' * 30}]", "20 levels"),
        ("sum([[1]], [])", "TypeError"),
    ],
)
def test_no_step_takes_long(text: str, says: str) -> None:
    with pytest.raises(ExpressionError, match=says):
        evaluate(text, {"huge": 10**4000})


def test_a_value_that_cannot_be_shown_is_a_question_mark() -> None:
    assert fill(f"{{[a {nested(18)}]}}", {}) == "?"
    assert fill("{a}", {"a": [10**5000]}) == "?"
    assert fill("{a * a}", {"a": 2**40}) == "?"
    deep: Any = 1
    for _ in range(900):
        deep = [deep]
    assert fill("{a}", {"a": deep}) == "?"


def test_a_rule_whose_numbers_grow_could_not_be_checked() -> None:
    asked = check(Rule("a.value > 10", Message(seen="{a.value * a.value}")), Rule("a.value * a.value > 0", Message()))
    assert verdict(asked, a=NUMBER | {"value": 2**40}, b=MISSING)[0] == "could not check"
    assert verdict(check(POSITIVE, before=()), a=NUMBER | {"value": -(10**4000)}, b=MISSING)[0] == "could not check"


def test_a_large_list_can_be_counted() -> None:
    lines = [{"values": [0.5] * 4_000} for _ in range(50)]
    assert evaluate("len(lines) == 50 and lines[-1].values[0] == 0.5 and lines is not None", {"lines": lines})
    assert sum(len(line["values"]) for line in lines) > STEPS


def test_names_of_a_comprehension_are_its_own() -> None:
    assert evaluate("[[a for a in [1, 2]], a, [b for b in [a]], b]", {"a": 5}) == [[1, 2], 5, [5], None]


def test_a_message_shows_what_it_can() -> None:
    assert fill("{a} of {b.c}, {1 + 'x'}", {"a": 2.0 / 3, "b": {"c": [1, 2]}}) == "0.6667 of (1, 2), ?"
