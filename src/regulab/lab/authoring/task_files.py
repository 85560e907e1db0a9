"""A task's Markdown to its parts: text between the directives {hint}, {quiz}, {verify} and {solution}."""

from __future__ import annotations

import re

from regulab.lab.authoring.records import Answer, Hint, Part, Quiz, Solution, Text, Verify
from regulab.lab.authoring.yaml_files import Table, fault, only, read_table, take
from regulab.lab.ids import is_id

DIRECTIVES = ("hint", "quiz", "solution", "verify")
# A fence of three or more backticks, tildes or colons, with what stands behind it.
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,}|:{3,})[ \t]*(.*?)[ \t]*$")
_NAMED = re.compile(r"\{([^}]*)\}[ \t]*(.*)")


def read_parts(text: str, name: str, *, check: str) -> tuple[Part, ...]:
    r"""Split a task's text.

    Args:
        text: MyST Markdown.
        name: File named in errors.
        check: Name of the check that a bare {verify} means.

    Raises:
        InputError: For an unknown directive, one that is not closed, or one whose content is wrong.

    Example:
        >>> parts = read_parts("Train it.\n\n```{hint} Where?\nIn the cell.\n```\n", "tasks/a.md", check="a")
        >>> parts[0].markdown, parts[1].title, parts[1].line
        ('Train it.', 'Where?', 3)
    """
    lines = text.splitlines()
    parts: list[Part] = []
    plain: list[str] = []
    begun, at = 1, 0

    def flush() -> None:
        markdown = "\n".join(plain).strip("\n")
        if markdown.strip():
            skipped = next(number for number, line in enumerate(plain) if line.strip())
            parts.append(Text(markdown.rstrip(), begun + skipped))
        plain.clear()

    while at < len(lines):
        fence = _FENCE.match(lines[at])
        named = _NAMED.match(fence[2]) if fence else None
        if fence is None or (named is None and fence[1].startswith(":")):
            plain.append(lines[at])
            at += 1
            continue
        end = _closing(lines, at, fence[1])
        if end is None:
            what = f"{{{named[1]}}}" if named else "the code"
            raise fault(name, at + 1, f"Expected {what} to be closed by {fence[1]}. Received: the end of the file.")
        if named is None:
            plain += lines[at : end + 1]
        else:
            flush()
            body = "\n".join(lines[at + 1 : end])
            parts.append(_directive(named[1].strip(), named[2].strip(), body, name, at + 1, check))
            begun = end + 2
        at = end + 1
    flush()
    return tuple(parts)


def _closing(lines: list[str], start: int, fence: str) -> int | None:
    """Where a fence ends: at the first bare fence of the same sign that is at least as long."""
    for at in range(start + 1, len(lines)):
        found = _FENCE.match(lines[at])
        if found and not found[2] and found[1][0] == fence[0] and len(found[1]) >= len(fence):
            return at
    return None


def _directive(kind: str, argument: str, body: str, name: str, line: int, check: str) -> Part:
    if kind not in DIRECTIVES:
        raise fault(
            name, line, f"No directive {{{kind}}}. Available: {', '.join(f'{{{each}}}' for each in DIRECTIVES)}."
        )
    if kind in ("hint", "quiz") and not body.strip():
        raise fault(name, line, f"Expected text in {{{kind}}}. Received: none.")
    if kind == "hint":
        return Hint(argument or "Hint", body.strip("\n"), line)
    if kind == "solution":
        return Solution(body.strip("\n"), line=line)
    if kind == "verify":
        wanted = argument or check
        if not is_id(wanted):
            raise fault(name, line, f"Expected the name of a check behind {{verify}}. Received: '{wanted}'.")
        return Verify(wanted, line)
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
        raise fault(name, line, "Expected at least two answers, one of them with `right: true`. Received: others.")
    return Quiz(question, tuple(answers), line)
