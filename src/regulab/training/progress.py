"""A progress bar with an estimate of the time left, on standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rich.console import Console

# Without a terminal a line is printed now and then, so that logs show progress.
_SECONDS_BETWEEN_LINES = 15.0


class Report(Protocol):
    """What a study reports about its progress."""

    def stage(self, text: str) -> None:
        """A stage begins whose progress is not measured."""

    def trained(self, epochs: float) -> None:
        """That many epochs are done, the last one perhaps in part."""


@contextmanager
def progress_bar(*, epochs: int, members: int, show: bool) -> Iterator[Report]:
    """Show the progress of a study."""
    if not show:
        yield _Silence()
        return
    from rich.console import Console

    console = Console(stderr=True)
    if console.is_terminal or console.is_jupyter:
        with _bar(console, epochs=epochs, members=members) as report:
            yield report
    else:
        yield _Lines(epochs=epochs, members=members)


class _Silence:
    def stage(self, text: str) -> None:
        """Say nothing."""

    def trained(self, epochs: float) -> None:
        """Say nothing."""


class _Lines:
    def __init__(self, *, epochs: int, members: int) -> None:
        self._epochs, self._members = epochs, members
        self._last = time.monotonic()

    def stage(self, text: str) -> None:
        """Say nothing: a stage is short."""

    def trained(self, epochs: float) -> None:
        if time.monotonic() - self._last >= _SECONDS_BETWEEN_LINES:
            self._last = time.monotonic()
            share = epochs / self._epochs
            print(f"Training {self._members} models: {share:.0%} of {self._epochs} epochs", file=sys.stderr)


@contextmanager
def _bar(console: Console, *, epochs: int, members: int) -> Iterator[Report]:
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=float(epochs))

        class Bar:
            def stage(self, text: str) -> None:
                bar.update(task, description=text)

            def trained(self, done: float) -> None:
                number = min(int(done) + 1, epochs)
                bar.update(task, description=f"Training {members} models, epoch {number} of {epochs}", completed=done)

        yield Bar()
