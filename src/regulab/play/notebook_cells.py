"""Puts code into a new cell of the learner's notebook."""

from __future__ import annotations

import warnings
from typing import Any

_COMMANDS = _INSERT, _FILL = "notebook:insert-cell-below", "notebook:replace-selection"


class NotebookCells:
    """The cells of the notebook in which a widget is shown; ipylab carries Jupyter's own commands to it."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            # Of ipylab's own traits.
            warnings.simplefilter("ignore", DeprecationWarning)
            from ipylab.commands import CommandRegistry

        self._commands: Any = CommandRegistry()

    def insert_below(self, code: str) -> bool:
        """Put code into a new cell below the one that the learner is in, which is that of the widget just used.

        Returns:
            Whether there is a notebook that can be told to.
        """
        if not set(_COMMANDS) <= set(self._commands.list_commands()):
            return False
        self._commands.execute(_INSERT)
        self._commands.execute(_FILL, {"text": code})
        return True
