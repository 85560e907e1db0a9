"""How to continue a run that Ctrl-C or a full disk stopped."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from regulab.cli.console import echo

if TYPE_CHECKING:
    from regulab.training.folder_claim import FolderClaim


@contextmanager
def resumable(claim: FolderClaim) -> Iterator[None]:
    """Say after Ctrl-C, or where the disk is full, how to continue the run in the folder, if it has begun."""
    from regulab.errors import StorageError

    try:
        yield
    except (KeyboardInterrupt, StorageError):
        if claim.can_be_resumed:
            echo(f"To continue: run the same command with --out {claim.run.path} --resume", err=True)
        raise
