"""How to continue a run that Ctrl-C stopped."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from regulab.cli.console import echo


@contextmanager
def resumable(folder: Path) -> Iterator[None]:
    """Say after Ctrl-C how to continue the run in `folder`, if it has begun."""
    from regulab.histories.run_folder import RunFolder, RunState

    try:
        yield
    except KeyboardInterrupt:
        if RunFolder(folder).state is RunState.UNFINISHED:
            echo(f"To continue: run the same command with --out {folder} --resume", err=True)
        raise
