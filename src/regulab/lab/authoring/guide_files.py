"""Reads entries for the guide, one Markdown file each: a session's `guide/NAME.md`, and regulab's own."""

from __future__ import annotations

import re
from pathlib import Path

from regulab.errors import InputError
from regulab.lab.authoring.records import PLACEHOLDER, GuideEntry
from regulab.lab.authoring.session_files import visible
from regulab.lab.authoring.yaml_files import Table, fault, only, read_table, read_text, take
from regulab.lab.ids import is_id

_HEADER = re.compile(r"---\n(.*?)^---[ \t]*$\n?", re.S | re.M)


def read_entries(folder: Path, *, shown: str = "") -> tuple[GuideEntry, ...]:
    """The entries in a folder, in the order of their names; none where there is no folder.

    Args:
        folder: Where they are.
        shown: What to put before a file's name in errors.

    Raises:
        InputError: For any mistake of their author.
    """
    return tuple(_read(path, f"{shown}{path.name}") for path in visible(folder, "*.md"))


def _read(path: Path, name: str) -> GuideEntry:
    if not is_id(path.stem):
        raise InputError(f"{name}: Expected a name of lower-case letters, digits and hyphens. Received: '{path.stem}'.")
    text = read_text(path, name)
    header = _HEADER.match(text)
    if header is None:
        raise fault(name, 1, "Expected a title between two lines of three hyphens at the top of the file.")
    table = read_table(header[1], name, first_line=2)
    only(table, ("title", "error", "says", "asked"), name)
    errors, says = _texts(table, "error", name), _texts(table, "says", name)
    body = text[header.end() :].strip()
    if not body:
        last_line = header[0].count("\n")
        raise fault(name, last_line, "There is no explanation below the second line of hyphens. Write one.")
    if says and not errors:
        raise fault(
            name, table.lines["says"], "`says` needs `error`, the name of the exception that says this. Add it."
        )
    for pattern in says:
        if not PLACEHOLDER.split(pattern)[0].strip():
            line = table.lines["says"]
            raise fault(
                name,
                line,
                f"Expected a part of a message that starts with words, not with a placeholder. Received: '{pattern}'.",
            )
    return GuideEntry(path.stem, take(table, "title", str, name), body, errors, says, _texts(table, "asked", name))


def _texts(table: Table, key: str, name: str) -> tuple[str, ...]:
    """A text, or a list of texts."""
    value = take(table, key, (str, list), name, default=[])
    texts = value if isinstance(value, list) else [value]
    for text in texts:
        if not isinstance(text, str) or not text.strip():
            raise fault(name, table.lines[key], f"Expected '{key}' as text or a list of texts. Received: {text!r}.")
    return tuple(texts)
