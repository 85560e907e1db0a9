"""Splits a task's Markdown into its parts: text, and the directives {hint}, {quiz}, {verify} and {solution}."""

from __future__ import annotations

from regulab.lab.authoring.markdown_blocks import closed_fences, split_lines
from regulab.lab.authoring.records import Answer, Hint, Part, Quiz, Solution, Text, Verify
from regulab.lab.authoring.yaml_files import Table, fault, only, read_table, take
from regulab.lab.ids import is_id

DIRECTIVES = ("hint", "quiz", "solution", "verify")


def read_parts(text: str, name: str, *, check: str) -> tuple[Part, ...]:
    r"""Split a task's text.

    Args:
        text: MyST Markdown.
        name: File named in errors.
        check: Name of the check that a {verify} without a name stands for.

    Raises:
        InputError: For an unknown directive, one that is not closed, or one whose content is wrong.

    Example:
        >>> parts = read_parts("Train it.\n\n```{hint} Where?\nIn the cell.\n```\n", "tasks/a.md", check="a")
        >>> parts[0].markdown, parts[1].title, parts[1].line
        ('Train it.', 'Where?', 3)
    """
    lines = split_lines(text)
    parts: list[Part] = []
    start = 0
    for fence in closed_fences(text, name):
        if fence.directive is not None:
            parts += _text(lines[start : fence.start], start + 1)
            parts.append(_directive(*fence.directive, fence.content, name, fence.start + 1, check))
            start = fence.end
    parts += _text(lines[start:], start + 1)
    return tuple(parts)


def _text(lines: list[str], first_line: int) -> list[Text]:
    """The instructions in some lines, where they hold any."""
    skipped = next((number for number, line in enumerate(lines) if line.strip()), None)
    if skipped is None:
        return []
    return [Text("\n".join(lines).strip("\n").rstrip(), first_line + skipped)]


def _directive(kind: str, argument: str, body: str, name: str, line: int, check: str) -> Part:
    if kind not in DIRECTIVES:
        available = ", ".join(f"{{{directive}}}" for directive in DIRECTIVES)
        raise fault(name, line, f"No directive {{{kind}}}. Available: {available}.")
    if kind in ("hint", "quiz") and not body.strip():
        raise fault(name, line, f"{{{kind}}} is empty. Write text into it.")
    if kind == "hint":
        return Hint(argument or "Hint", body.strip("\n"), line)
    if kind == "solution":
        return Solution(body.strip("\n"), line=line)
    if kind == "verify":
        check = argument or check
        if not is_id(check):
            raise fault(name, line, f"Expected the name of a check after {{verify}}. Received: '{check}'.")
        return Verify(check, line)
    return _quiz(read_table(body, name, first_line=line + 1), name, line)


def _quiz(table: Table, name: str, line: int) -> Quiz:
    only(table, ("question", "answers"), name)
    question = take(table, "question", str, name)
    answers = []
    for entry in take(table, "answers", list, name):
        if not isinstance(entry, Table):
            raise fault(name, table.lines["answers"], f"Expected answers with `text`. Received: {entry!r}.")
        only(entry, ("text", "right", "because"), name)
        because = take(entry, "because", str, name, default="")
        right = take(entry, "right", bool, name, default=False)
        answers.append(Answer(take(entry, "text", str, name), right, because))
    if len(answers) < 2 or not any(answer.right for answer in answers):
        raise fault(name, line, "Expected at least two answers, one of them with `right: true`.")
    return Quiz(question, tuple(answers), line)
