"""Turns a check's YAML into its record."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from regulab.lab.authoring.records import CHECKS
from regulab.lab.authoring.yaml_files import Table, fault, only, read_table, read_text, take
from regulab.lab.grading.checks import Check, Example
from regulab.lab.grading.expressions import expressions_in, unpaired
from regulab.lab.grading.fact_names import FACTS, names_for
from regulab.lab.grading.grammar import ExpressionError, facts_of, parse, variables
from regulab.lab.grading.rules import Message, Rule

_KEYS = ("asks", "reads", "before", "rules", "passed", "mistakes", "answers")
_MESSAGE_KEYS = ("seen", "why", "next")


def read_check(folder: Path, check: str, *, solution: str) -> Check:
    """Read `checks/NAME.yaml`.

    Args:
        folder: The session's folder.
        check: Name of the check.
        solution: Code of the task's solution; examples may be given as changes to it.

    Raises:
        InputError: For any mistake of its author.
    """
    name = f"{CHECKS}/{check}.yaml"
    table = read_table(read_text(folder / name, name), name)
    only(table, _KEYS, name)
    asks = _asks(take(table, "asks", Table, name), name)
    variables_read = take(table, "reads", list, name, default=[])
    reads = tuple(_identifier(variable, name, table.lines["reads"]) for variable in variables_read)
    for variable in reads:
        if variable in asks or reads.count(variable) > 1:
            raise fault(name, table.lines["reads"], f"Expected each variable once. Received: '{variable}' again.")
    before, rules = (_rules(folder, table, key, name) for key in ("before", "rules"))
    passed = take(table, "passed", Table, name, default=Table())
    only(passed, _MESSAGE_KEYS, name)
    praise = _message(passed, name)
    # Until an answer is known to be of its kind, it may be anything.
    early = dict.fromkeys((*asks, *reads), names_for())
    known = early | {variable: names_for(kinds) for variable, kinds in asks.items()}
    for group, facts in ((before, early), (rules, known)):
        for rule in group:
            _require_readable([rule.require, rule.when], rule.message, facts, rule.file, rule.line)
    _require_readable([], praise, known, name, table.lines.get("passed", table.line))
    return Check(
        name=check,
        asks=asks,
        reads=reads,
        before=before,
        rules=rules,
        praise=praise,
        mistakes=_examples(table, "mistakes", solution, name),
        answers=_examples(table, "answers", solution, name),
        file=name,
    )


def _asks(table: Table, name: str) -> dict[str, tuple[str, ...]]:
    if not table:
        raise fault(name, table.line, "Expected variables that the learner assigns, with their kinds. Received: none.")
    asks = {}
    for key, value in table.items():
        _identifier(key, name, table.lines[key])
        kinds = value if isinstance(value, list) else [value]
        for kind in kinds or [None]:
            if not isinstance(kind, str) or kind not in FACTS:
                raise fault(name, table.lines[key], f"No kind '{kind}'. Available: {', '.join(sorted(FACTS))}.")
        asks[key] = tuple(kinds)
    return asks


def _identifier(value: Any, name: str, line: int) -> str:
    if not isinstance(value, str) or not value.isidentifier():
        raise fault(name, line, f"Expected the name of a variable. Received: {value!r}.")
    return value


def _rules(folder: Path, table: Table, key: str, name: str) -> tuple[Rule, ...]:
    rules: list[Rule] = []
    for entry in take(table, key, list, name, default=[]):
        if not isinstance(entry, Table):
            raise fault(name, table.lines[key], f"Expected rules with `require`. Received: {entry!r}.")
        if "use" in entry:
            rules += _shared_rules(folder, entry, key, name)
        else:
            rules.append(_rule(entry, name, {}))
    return tuple(rules)


def _shared_rules(folder: Path, entry: Table, key: str, name: str) -> tuple[Rule, ...]:
    """Rules of a file whose name starts with an underscore, with the values filled in for `$names`."""
    only(entry, ("use", "with"), name)
    used = take(entry, "use", str, name)
    file = f"{CHECKS}/_{used}.yaml"
    if not used.isidentifier() or not (folder / file).is_file():
        raise fault(
            name, entry.lines["use"], f"There are no shared rules {file}. Write that file, or correct the name."
        )
    values = take(entry, "with", Table, name, default=Table())
    shared = read_table(read_text(folder / file, file), file)
    only(shared, ("before", "rules"), file)
    return tuple(_rule(rule, file, values) for rule in take(shared, key, list, file, default=[]))


def _rule(entry: Any, name: str, values: dict[str, Any]) -> Rule:
    if not isinstance(entry, Table):
        raise fault(name, 1, f"Expected rules with `require`. Received: {entry!r}.")
    only(entry, ("require", "when", *_MESSAGE_KEYS), name)
    line = entry.line

    def filled(text: str) -> str:
        for key in sorted(values, key=len, reverse=True):
            text = text.replace(f"${key}", str(values[key]))
        return text

    require = filled(take(entry, "require", str, name))
    when = filled(take(entry, "when", str, name, default=""))
    message = _message(entry, name)
    if not message.seen and not message.why:
        raise fault(name, line, "This rule has no message. Add `seen`, `why` and `next`.")
    message = Message(filled(message.seen), filled(message.why), filled(message.next))
    return Rule(require, message, when, name, line)


def _require_readable(
    expressions: list[str], message: Message, known: Mapping[str, frozenset[str]], name: str, line: int
) -> None:
    """Refuse expressions that cannot be read, or that use a variable or a fact that the check does not have."""
    texts = [text for text in expressions if text]
    for part in (message.seen, message.why, message.next):
        if brace := unpaired(part):
            # The learner would see it as it is, along with the expression.
            raise fault(name, line, f"Expected braces in pairs. Received: a single '{brace}' in '{part}'.")
        texts += expressions_in(part)
    try:
        bodies = [parse(text) for text in texts]
    except ExpressionError as error:
        raise fault(name, line, f"Expected rules that can be evaluated. Received: {error}.") from None
    unknown = sorted({variable for body in bodies for variable in variables(body)} - known.keys())
    if unknown:
        raise fault(
            name,
            line,
            f"Expected variables that are listed in the check's `asks` or `reads`. Received: {', '.join(unknown)}.",
        )
    for variable, fact in (pair for body in bodies for pair in facts_of(body)):
        if fact not in known[variable]:
            # It would be None, and a rule about it would always hold or never.
            available = ", ".join(sorted(known[variable]))
            raise fault(name, line, f"No fact '{fact}' of `{variable}`. Available: {available}.")


def _message(table: Table, name: str) -> Message:
    parts = [" ".join(str(take(table, key, str, name, default="")).split()) for key in _MESSAGE_KEYS]
    return Message(*parts)


def _examples(table: Table, key: str, solution: str, name: str) -> tuple[Example, ...]:
    wrong = key == "mistakes"
    keys = ("name", "after", "code", "replace", *(["says"] if wrong else []))
    examples = []
    for entry in take(table, key, list, name, default=[]):
        if not isinstance(entry, Table):
            raise fault(name, table.lines[key], f"Expected examples with `name` and `code`. Received: {entry!r}.")
        only(entry, keys, name)
        if ("code" in entry) == ("replace" in entry):
            raise fault(name, entry.line, "Expected either `code` or `replace`. Received: both or neither.")
        code = take(entry, "code", str, name, default=solution)
        for old, new in take(entry, "replace", Table, name, default=Table()).items():
            if old not in code:
                raise fault(name, entry.lines["replace"], f"Expected part of the solution. Received: {old!r}.")
            code = code.replace(old, str(new))
        says = " ".join(take(entry, "says", str, name).split()) if wrong else ""
        after = take(entry, "after", str, name, default="")
        if after not in ("", "solution"):
            raise fault(name, entry.lines["after"], f"Expected 'solution' as `after`. Received: '{after}'.")
        examples.append(Example(take(entry, "name", str, name), code, says, after == "solution", entry.line))
    return tuple(examples)
