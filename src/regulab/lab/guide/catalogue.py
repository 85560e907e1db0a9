"""The catalogue: errors and typical mistakes with an explanation, and which entry explains an error.

regulab's own entries are in `entries/`; a session brings more in its folder `guide/`. docs/sessions.md describes the
files.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from regulab.lab.authoring.guide_files import read_entries
from regulab.lab.authoring.records import PLACEHOLDER, GuideEntry

#: Where regulab's own entries are.
ENTRIES = Path(__file__).parent / "entries"
#: Only so much of an error's message is searched, and so much of it is quoted, in characters.
LONGEST, QUOTED = 20_000, 80


@lru_cache(maxsize=1)
def own_entries() -> tuple[GuideEntry, ...]:
    """The entries that come with regulab."""
    return read_entries(ENTRIES)


@dataclass(frozen=True)
class Explanation:
    """An entry that explains an error.

    Attributes:
        entry: The entry.
        values: What the message says in place of each placeholder of the entry's pattern.
        quoted: How many characters of the message the pattern quotes.
    """

    entry: GuideEntry
    values: dict[str, str]
    quoted: int

    @property
    def markdown(self) -> str:
        """The explanation with the values filled in, as code that cannot bring Markdown of its own."""
        text = self.entry.markdown
        for name, value in self.values.items():
            text = text.replace(f"{{{name}}}", value.replace("`", "'"))
        return text


def explain(entries: Iterable[GuideEntry], error: str, message: str) -> Explanation | None:
    """Find the entry that explains an error: of several, the one that quotes most of the message.

    Args:
        entries: Where to look.
        error: Name of the exception.
        message: What it says.

    Example:
        >>> entry = GuideEntry("name", "A name", "No `{name}`.", ("NameError",), ("name '{name}' is not defined",))
        >>> explain([entry], "NameError", "name 'x_train' is not defined").markdown
        'No `x_train`.'
        >>> explain([entry], "KeyError", "'x_train'") is None
        True
    """
    answers = (_explanation(entry, error, message) for entry in entries)
    return max((answer for answer in answers if answer is not None), key=_quoted, default=None)


def _explanation(entry: GuideEntry, error: str, message: str) -> Explanation | None:
    if error not in entry.errors:
        return None
    if not entry.says:
        return Explanation(entry, {}, 0)
    fits = (
        Explanation(entry, values, len(PLACEHOLDER.sub("", pattern)))
        for pattern in entry.says
        if (values := match(pattern, message[:LONGEST])) is not None
    )
    return max(fits, key=_quoted, default=None)


def _quoted(explanation: Explanation) -> int:
    return explanation.quoted


def general(entry: GuideEntry) -> str:
    """An entry's explanation for whoever reads it without an error."""
    return PLACEHOLDER.sub("…", entry.markdown)


def match(pattern: str, message: str) -> dict[str, str] | None:
    """What stands in the placeholders of a pattern, where it first occurs in a message; None where it does not.

    Plain search from left to right: whatever a pattern says, the work is bounded.

    Example:
        >>> match("got {shape} for {name}", "Received: got (3,) for x.")
        {'shape': '(3,)', 'name': 'x.'}
        >>> match("got {shape} for", "got nothing") is None
        True
    """
    fixed, names = PLACEHOLDER.split(pattern)[::2], PLACEHOLDER.findall(pattern)
    start = message.find(fixed[0])
    if start < 0:
        return None
    start += len(fixed[0])
    values = {}
    for name, text in zip(names, fixed[1:], strict=True):
        end = message.find(text, start) if text else _line_end(message, start)
        if end < 0:
            return None
        values[name] = " ".join(message[start:end].split())[:QUOTED]
        start = end + len(text)
    return values


def _line_end(message: str, start: int) -> int:
    end = message.find("\n", start)
    return len(message) if end < 0 else end
