"""Where commands print for people: everything goes through here, so that no name from a file steers the terminal."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import click

from regulab.printable import printable_lines

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text


def new_console() -> Console:
    """A console that prints names as they are, without obeying them.

    `[old]` is no markup, `models:one:` no emoji, and escape sequences are shown.
    """
    from rich.console import Console

    class PlainConsole(Console):
        # Rich calls this for every string, those in tables included, before it measures and styles it.
        def render_str(self, text: str, **options: Any) -> Text:
            return super().render_str(printable_lines(text), **options)

    return PlainConsole(highlight=False, markup=False, emoji=False)


def echo(text: object, *, err: bool = False) -> None:
    """Print lines for people, to standard output or to standard error."""
    click.echo(printable_lines(text), err=err)


def echo_json(document: Any) -> None:
    """Print one JSON document, which is ASCII: control characters are escaped in it."""
    from regulab.histories.json_files import to_json

    click.echo(to_json(document))


class PlainFormatter(logging.Formatter):
    """Formats log records for people."""

    def format(self, record: logging.LogRecord) -> str:
        """The record's text, without what a terminal would obey."""
        return printable_lines(super().format(record))
