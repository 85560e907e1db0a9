"""Questions with yes or no, where somebody sits at the terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable

import click

from regulab.printable import printable_lines


def asker() -> Callable[[str], bool] | None:
    """Puts a question to the user; None where nobody can answer."""
    if sys.stdin.isatty() and sys.stderr.isatty():
        return lambda question: click.confirm(printable_lines(question), default=False, err=True)
    return None
