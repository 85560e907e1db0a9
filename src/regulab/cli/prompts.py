"""Questions with yes or no, where somebody sits at the terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable

import click


def asker() -> Callable[[str], bool] | None:
    """Puts a question to the user; None where nobody can answer."""
    if sys.stdin.isatty() and sys.stderr.isatty():
        return lambda question: click.confirm(question, default=False, err=True)
    return None
