"""The catalogue: errors and typical mistakes with an explanation, one Markdown file each.

regulab's own are in `entries/`; a session brings more in its folder `guide/`. docs/sessions.md describes the files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from regulab.errors import InputError
from regulab.lab.authoring.session_files import visible
from regulab.lab.authoring.yaml_files import Table, fault, only, read_table, read_text, take
from regulab.lab.ids import is_id

#: Where regulab's own entries are, and where a session's are in its folder.
ENTRIES, FOLDER = Path(__file__).parent / "entries", "guide"
#: So much of an error's message is looked at, and so much of it is quoted.
LONGEST, QUOTED = 20_000, 80
_HOLE = re.compile(r"\{([a-z]+)\}")
_HEAD = re.compile(r"---\n(.*?)^---[ \t]*$\n?", re.S | re.M)


@dataclass(frozen=True)
class Entry:
    """An error or a mistake that the guide can explain.

    Attributes:
        id: Name of its file.
        title: What it is, for people.
        markdown: The explanation; names of holes stand in braces.
        errors: Exceptions that it is about, by name; none for a mistake that raises nothing.
        says: Texts of which the message has to have one. `{name}` in them stands for anything short.
        asked: Questions to which it is the answer.
    """

    id: str
    title: str
    markdown: str
    errors: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()

    def match(self, error: str, message: str) -> tuple[dict[str, str], int] | None:
        """What stands in the holes where it explains this error, and how much of the message it quotes; else None.

        Args:
            error: Name of the exception.
            message: What it says.

        Example:
            >>> entry = Entry("name", "A name", "`{name}`", ("NameError",), ("name '{name}' is not defined",))
            >>> entry.match("NameError", "name 'x_train' is not defined"), entry.match("KeyError", "'x_train'")
            (({'name': 'x_train'}, 22), None)
        """
        if error not in self.errors:
            return None
        if not self.says:
            return {}, 0
        found = [
            (here, len(_HOLE.sub("", each)))
            for each in self.says
            if (here := holes(each, message[:LONGEST])) is not None
        ]
        return max(found, key=lambda fit: fit[1], default=None)

    def filled(self, found: dict[str, str]) -> str:
        """The explanation with what stood in the holes, as code that is no Markdown."""
        text = self.markdown
        for name, value in found.items():
            text = text.replace(f"{{{name}}}", value.replace("`", "'"))
        return text

    @property
    def general(self) -> str:
        """The explanation for whoever reads it without an error."""
        return _HOLE.sub("…", self.markdown)


def holes(pattern: str, message: str) -> dict[str, str] | None:
    """What stands in the holes of a pattern, at its first place in a message; None where it is not in it.

    Plain search from left to right: whatever a pattern says, the work is bounded.

    Example:
        >>> holes("got {shape} for {name}", "Received: got (3,) for x.")
        {'shape': '(3,)', 'name': 'x.'}
        >>> holes("got {shape} for", "got nothing") is None
        True
    """
    fixed, names = _HOLE.split(pattern)[::2], _HOLE.findall(pattern)
    at = message.find(fixed[0])
    if at < 0:
        return None
    at += len(fixed[0])
    found = {}
    for name, text in zip(names, fixed[1:], strict=True):
        end = message.find(text, at) if text else _end(message, at)
        if end < 0:
            return None
        found[name] = " ".join(message[at:end].split())[:QUOTED]
        at = end + len(text)
    return found


def _end(message: str, at: int) -> int:
    end = message.find("\n", at)
    return len(message) if end < 0 else end


def explained(entries: Iterable[Entry], error: str, message: str) -> tuple[Entry, dict[str, str]] | None:
    """The entry that explains an error, with what stands in its holes; of several the one that quotes most of it."""
    fits = [(entry, *found) for entry in entries if (found := entry.match(error, message)) is not None]
    best = max(fits, key=lambda fit: fit[2], default=None)
    return None if best is None else best[:2]


@lru_cache(maxsize=1)
def own_entries() -> tuple[Entry, ...]:
    """The entries that come with regulab."""
    return read_entries(ENTRIES)


def read_entries(folder: Path, *, shown: str = "") -> tuple[Entry, ...]:
    """The entries in a folder, in the order of their names; none where there is no folder.

    Args:
        folder: Where they are.
        shown: What to put before a file's name in errors.

    Raises:
        InputError: For any mistake of their author.
    """
    return tuple(_read(path, f"{shown}{path.name}") for path in visible(folder, "*.md"))


def _read(path: Path, name: str) -> Entry:
    if not is_id(path.stem):
        raise InputError(f"{name}: Expected a name of small letters, digits and hyphens. Received: '{path.stem}'.")
    text = read_text(path, name)
    head = _HEAD.match(text)
    if head is None:
        raise fault(name, 1, "Expected a title between two lines of three hyphens. Received: none.")
    table = read_table(head[1], name, first_line=2)
    only(table, ("title", "error", "says", "asked"), name)
    errors, says = _texts(table, "error", name), _texts(table, "says", name)
    body = text[head.end() :].strip()
    last = head[0].count("\n")
    if not body:
        raise fault(name, last, "Expected an explanation below the second line of hyphens. Received: none.")
    if says and not errors:
        raise fault(name, table.lines["says"], "Expected `error`, the name of the exception that says this.")
    for pattern in says:
        if not _HOLE.split(pattern)[0].strip():
            line = table.lines["says"]
            raise fault(name, line, f"Expected a message that begins with its own words. Received: '{pattern}'.")
    return Entry(path.stem, take(table, "title", str, name), body, errors, says, _texts(table, "asked", name))


def _texts(table: Table, key: str, name: str) -> tuple[str, ...]:
    """A text, or a list of texts."""
    value = take(table, key, (str, list), name, default=[])
    values = value if isinstance(value, list) else [value]
    for each in values:
        if not isinstance(each, str) or not each.strip():
            raise fault(name, table.lines[key], f"Expected '{key}' as text or a list of texts. Received: {each!r}.")
    return tuple(values)
