"""A contender's side of taking turns: wait for a word, do one turn, answer with its figures."""

from __future__ import annotations

import json
import os
import sys
from typing import TextIO


class Turns:
    """The line to the bench. Whatever else is printed goes to standard error."""

    def __init__(self) -> None:
        self._answers: TextIO = os.fdopen(os.dup(1), "w")
        os.dup2(2, 1)

    def ready(self) -> None:
        """Say that everything is loaded."""
        self.report()

    def wait(self) -> bool:
        """Wait for the next turn; False when there is none."""
        return bool(sys.stdin.readline())

    def report(self, **values: float) -> None:
        """Answer with the figures of a turn."""
        self._answers.write(json.dumps(values) + "\n")
        self._answers.flush()
