"""Where commands print for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


def new_console() -> Console:
    """A console that prints names as they are: `[old]` is no markup, and `models:one:` no emoji."""
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False)
