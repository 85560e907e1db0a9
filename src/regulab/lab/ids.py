"""Ids of tasks, checks and the guide's entries, which are also names of files."""

from __future__ import annotations

import re

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def is_id(text: str) -> bool:
    """Whether a text can name a task, a check or an entry.

    Example:
        >>> is_id("plot-history"), is_id("../x"), is_id("Plot")
        (True, False, False)
    """
    return _ID.fullmatch(text) is not None
