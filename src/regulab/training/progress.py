"""A progress bar with an estimate of the time left, on standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Report = Callable[[int, float], None]

# Without a terminal a line is printed now and then instead: logs should show that work goes on.
_SECONDS_BETWEEN_LINES = 15.0


@contextmanager
def progress_bar(*, epochs: int, members: int, show: bool) -> Iterator[Report]:
    """Yield a function that takes the finished epochs and the share of the running one."""
    if not show:
        yield lambda _epoch, _share: None
        return
    from rich.console import Console

    console = Console(stderr=True)
    if console.is_terminal or console.is_jupyter:
        with _bar(console, epochs, members) as report:
            yield report
    else:
        yield _lines(epochs, members)


@contextmanager
def _bar(console: object, epochs: int, members: int) -> Iterator[Report]:
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
    with Progress(*columns, console=console, transient=True) as bar:  # type: ignore[arg-type]
        task = bar.add_task(f"Preparing {members} models", total=float(epochs))

        def report(epoch: int, share: float) -> None:
            description = f"Training {members} models, epoch {min(epoch + 1, epochs)} of {epochs}"
            bar.update(task, description=description, completed=epoch + share)

        yield report


def _lines(epochs: int, members: int) -> Report:
    last = time.monotonic()

    def report(epoch: int, share: float) -> None:
        nonlocal last
        if time.monotonic() - last >= _SECONDS_BETWEEN_LINES:
            last = time.monotonic()
            print(f"Training {members} models: {(epoch + share) / epochs:.0%} of {epochs} epochs", file=sys.stderr)

    return report
