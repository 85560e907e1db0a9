"""Text from files as it can be printed: what a terminal would obey is replaced."""

from __future__ import annotations

import unicodedata


def printable(text: object) -> str:
    r"""Text in one line, with a question mark for each character that a terminal obeys or cannot show.

    These are control characters, such as those that begin an escape sequence, line breaks, and marks that reverse the
    direction of writing.

    Example:
        >>> printable("l2\x1b[2J\nError: none"), printable("größer, 大きい")
        ('l2?[2J?Error: none', 'größer, 大きい')
    """
    line = str(text)
    return line if line.isprintable() else "".join(map(_shown, line))


def printable_lines(text: object) -> str:
    r"""The same for text of several lines, whose line breaks stay.

    Example:
        >>> printable_lines("Available:\nl2\x1b[2J")
        'Available:\nl2?[2J'
    """
    return "\n".join(map(printable, str(text).split("\n")))


def _shown(letter: str) -> str:
    # Spaces other than the usual one count as not printable, but they are harmless.
    return letter if letter.isprintable() or unicodedata.category(letter) == "Zs" else "?"
